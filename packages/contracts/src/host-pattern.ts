import { z } from 'zod';

const HOST =
  /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*(?::[0-9]{1,5})?$/;
/** A host whose last label is a number is an IP address (WHATWG URL, 3.5), which has no names below it. */
const BELOW_ADDRESS = /^\*\.(?:.*\.)?(?:\d+|0x[0-9a-f]*)(?::\d+)?$/;

/** Where a secret may be sent: `host`, `host:port` or `*.host` (one or more labels in place of the star). */
export const secretHostSchema = z
  .string()
  .max(260)
  .regex(HOST, { error: 'must be host, host:port or *.host, in lowercase', abort: true })
  .refine((host) => Number(host.split(':')[1] ?? 1) <= 65_535, {
    error: 'must have a port of at most 65535',
    abort: true,
  })
  .refine((host) => !BELOW_ADDRESS.test(host), 'must not have *. before an IP address');

/**
 * Returns whether the URL's host matches the pattern. `host` means every port, `host:port` only that one, `*.host`
 * every name below it but not the host itself.
 */
export function matchesHostPattern(pattern: string, url: URL): boolean {
  const [host = '', port] = pattern.split(':');
  if (port !== undefined && Number(port) !== portOf(url)) return false;
  return host.startsWith('*.') ? url.hostname.endsWith(host.slice(1)) : url.hostname === host;
}

/** The port to which requests to the URL are sent, including the default port of its scheme. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
