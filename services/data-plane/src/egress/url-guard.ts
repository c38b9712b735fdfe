import { isIP } from 'node:net';
import { portOf } from '@toolplane/contracts';
import type { AddressGuard } from './address-guard.ts';
import type { HostRules } from './host-rules.ts';
import { UpstreamError } from './upstream-error.ts';

/** The outbound traffic that the operator of a data plane allows. */
export type EgressPolicy = {
  addresses: AddressGuard;
  isHttpAllowed: boolean;
  ports: ReadonlySet<number> | 'any';
  /** If absent, every name that leads to a public address is allowed. */
  hosts?: HostRules | undefined;
};

/**
 * The first of three checks; the others check the DNS response and the connected peer. It checks the parsed URL, not
 * its text, because parsing turns `2130706433`, `0x7f.1` and full-width digits into 127.0.0.1.
 */
export function checkUrl(text: string | URL, policy: EgressPolicy): URL {
  const url = URL.parse(text.toString());
  if (url === null) throw new UpstreamError('invalid_upstream_request', 'The URL of the request is not valid');
  const { protocol } = url;
  if (protocol !== 'https:' && !(protocol === 'http:' && policy.isHttpAllowed)) throw denied('scheme');
  if (url.username !== '' || url.password !== '') throw denied('user information');
  if (policy.ports !== 'any' && !policy.ports.has(portOf(url))) throw denied('port');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // An IPv4-mapped IPv6 address would bypass a list of hosts that names the IPv4 address.
  if (host.startsWith('::ffff:')) throw denied('address');
  // Sockets to a literal address are opened without a DNS lookup, so this check is the only one before connecting.
  if (isIP(host) !== 0 && !policy.addresses.isAllowed(host)) throw addressDenied('its address');
  if (isInternalName(host) && !policy.addresses.hasExceptions) throw addressDenied('its internal name');
  return url;
}

/** Names that are valid only inside a network may lead to the operator's exceptions and nowhere else. */
export function isInternalName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.+$/, '');
  if (isIP(name) !== 0) return false;
  return !name.includes('.') || INTERNAL_SUFFIX.test(name);
}

/** Refuses a name that may be internal, for cases where the data plane does not see the address of the name. */
export async function refuseInternalName(host: string): Promise<[]> {
  if (isInternalName(host)) throw addressDenied('its internal name');
  return [];
}

const INTERNAL_SUFFIX = /\.(?:localhost|local|internal|localdomain|intranet|lan|home\.arpa|svc|cluster\.local)$/;

/**
 * An address is refused for safety unless the operator allows its range, so the message names the setting: agents and
 * authors of tools cannot change it.
 */
export function addressDenied(address: string): UpstreamError {
  const remedy = 'to allow it, whoever runs the platform adds its range to EGRESS_ALLOW_CIDRS';
  return new UpstreamError('egress_denied', `Requests to this URL are not allowed because of ${address}; ${remedy}`);
}

function denied(part: string): UpstreamError {
  return new UpstreamError('egress_denied', `Requests to this URL are not allowed because of its ${part}`);
}
