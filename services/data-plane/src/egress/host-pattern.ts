import { portOf } from './url-guard.ts';

/**
 * Is the URL's host one of these? `host` means every port, `host:port` only that one, `*.host` every name below it but
 * not the host itself.
 */
export function matchesHost(patterns: readonly string[], url: URL): boolean {
  return patterns.some((pattern) => {
    const [host = '', port] = pattern.split(':');
    if (port !== undefined && Number(port) !== portOf(url)) return false;
    return host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : url.hostname === host;
  });
}
