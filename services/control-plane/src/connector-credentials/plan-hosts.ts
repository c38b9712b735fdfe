import type { Plan, PlanRequest } from '@toolplane/contracts';

/** Every URL that the requests of a plan go to and whose host is known before a call, token and sign-in included. */
export function listKnownUrls({ steps, connection }: Plan): URL[] {
  const { token, chains = [] } = connection?.authentication ?? {};
  const requests = [
    ...steps.flatMap(({ request }) => request ?? []),
    ...chains.flatMap((chain) => chain.steps.map(({ request }) => request)),
  ];
  const urls = [...requests.map(toKnownUrl), token === undefined ? null : URL.parse(token.tokenUrl)];
  return urls.filter((url) => url !== null);
}

/** Hosts of the URLs, without repetition, to which what is sealed for these may not be sent. */
export function listUncovered(urls: readonly URL[], sealedFor: readonly string[]): string[] {
  const uncovered = urls.filter((url) => !sealedFor.some((pattern) => covers(pattern, url)));
  return [...new Set(uncovered.map(({ host }) => host))].toSorted();
}

/** Only text before the first value counts, and only when it goes beyond the host. */
function toKnownUrl({ url }: PlanRequest): URL | null {
  if (url.kind === 'whole') return null;
  const [start, ...rest] = url.parts;
  if (typeof start !== 'string' || (rest.length > 0 && !/^https?:\/\/[^/?#]+[/?#]/.test(start))) return null;
  return URL.parse(start);
}

const PORTS: Record<string, string> = { 'http:': '80', 'https:': '443' };

/** `host` means every port, `host:port` only that one, `*.host` every name below it. */
function covers(pattern: string, { hostname, port, protocol }: URL): boolean {
  const [host = '', onlyPort] = pattern.split(':');
  if (onlyPort !== undefined && onlyPort !== (port || PORTS[protocol])) return false;
  return host.startsWith('*.') ? hostname.endsWith(host.slice(1)) : hostname === host;
}
