const PORTS: Record<string, string> = { 'http:': '80', 'https:': '443' };

/** Hosts of the origins to which a value sealed for these hosts may not be sent. */
export function listUncoveredHosts(origins: readonly string[], sealedFor: readonly string[]): string[] {
  const uncovered = origins
    .map((origin) => new URL(origin))
    .filter((url) => !sealedFor.some((pattern) => covers(pattern, url)));
  return [...new Set(uncovered.map(({ host }) => host))].toSorted();
}

/** `host` means every port, `host:port` only that one, `*.host` every name below it. */
function covers(pattern: string, { hostname, port, protocol }: URL): boolean {
  const [host = '', onlyPort] = pattern.split(':');
  if (onlyPort !== undefined && onlyPort !== (port || PORTS[protocol])) return false;
  return host.startsWith('*.') ? hostname.endsWith(host.slice(1)) : hostname === host;
}
