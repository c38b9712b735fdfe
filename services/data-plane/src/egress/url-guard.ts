import { isIP } from 'node:net';
import { portOf } from '@toolplane/contracts';
import type { AddressGuard } from './address-guard.ts';
import type { HostRules } from './host-rules.ts';
import { UpstreamError } from './upstream-error.ts';

/** What the operator of a data plane allows to leave it. */
export type EgressPolicy = {
  addresses: AddressGuard;
  isHttpAllowed: boolean;
  ports: ReadonlySet<number> | 'any';
  /** Absent: every name that leads to a public address. */
  hosts?: HostRules | undefined;
};

/**
 * The first of three checks; the others are of the DNS answer and of the connected peer. Looks at the parsed URL, not
 * at its text, because parsing turns `2130706433`, `0x7f.1` and full-width digits into 127.0.0.1.
 */
export function checkUrl(text: string | URL, policy: EgressPolicy): URL {
  const url = URL.parse(text.toString());
  if (url === null) throw new UpstreamError('invalid_upstream_request', 'The URL of the request is not valid');
  const { protocol } = url;
  if (protocol !== 'https:' && !(protocol === 'http:' && policy.isHttpAllowed)) throw denied('scheme');
  if (url.username !== '' || url.password !== '') throw denied('user information');
  if (policy.ports !== 'any' && !policy.ports.has(portOf(url))) throw denied('port');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // An IPv4-mapped IPv6 address would get around a list of hosts that names the IPv4 address.
  if (host.startsWith('::ffff:')) throw denied('address');
  // Sockets to an address are opened without a look-up, so nothing checks it after this.
  if (isIP(host) !== 0 && !policy.addresses.isAllowed(host)) throw denied('address');
  if (isInternalName(host) && !policy.addresses.hasExceptions) throw denied('internal name');
  return url;
}

/** Names that have a meaning only inside a network; they may lead to the operator's exceptions and nowhere else. */
export function isInternalName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.+$/, '');
  if (isIP(name) !== 0) return false;
  return !name.includes('.') || INTERNAL_SUFFIX.test(name);
}

/** Where nothing here sees the address of a name, a name that may be internal is refused. */
export async function refuseInternalName(host: string): Promise<[]> {
  if (isInternalName(host)) throw denied('internal name');
  return [];
}

const INTERNAL_SUFFIX = /\.(?:localhost|local|internal|localdomain|intranet|lan|home\.arpa|svc|cluster\.local)$/;

function denied(part: string): UpstreamError {
  return new UpstreamError('egress_denied', `Requests to this URL are not allowed because of its ${part}`);
}
