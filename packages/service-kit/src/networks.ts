import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Addresses that belong to one of several networks. */
export type Networks = { has(address: string): boolean };

const IPV4_IN_IPV6 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Accepts networks that `parseNetwork` accepts, and throws a `RangeError` for any other. */
export function createNetworks(networks: readonly string[]): Networks {
  const list = new BlockList();
  for (const network of networks) {
    const parsed = parseNetwork(network);
    if (parsed === undefined) throw new RangeError(`${network} is not valid: an entry ${NETWORK_RULE}`);
    list.addSubnet(parsed.address, parsed.prefix, parsed.family);
  }
  return {
    has(address) {
      const plain = toPlainAddress(address);
      if (isIPv4(plain)) return list.check(plain, 'ipv4');
      return isIPv6(plain) && list.check(plain, 'ipv6');
    },
  };
}

export const NETWORK_RULE = 'is an IP address, or a network such as 192.0.2.0/24 or 2001:db8::/32';

type Network = { address: string; prefix: number; family: 'ipv4' | 'ipv6' };

/** A single address is a network of one. Undefined for anything else, including IPv4 written as IPv6. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = '', digits] = /^([0-9A-Fa-f:.]{2,45})(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? [];
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  if (family === 'ipv6' && (!isIPv6(address) || /^::ffff:/i.test(address))) return undefined;
  const most = family === 'ipv4' ? 32 : 128;
  const prefix = digits === undefined ? most : Number(digits);
  return prefix > most ? undefined : { address, prefix, family };
}

/**
 * The network that counts as one client: for IPv6 the /64, because one subscriber has all of its addresses. This also
 * limits the memory that is needed. `address` is the result of a `ClientAddress`. If it is not an address, it is
 * returned unchanged.
 */
export function networkOf(address: string): string {
  const plain = toPlainAddress(address);
  return isIPv6(plain) ? `${groupsOf(plain).slice(0, 4).join(':')}::/64` : plain;
}

/**
 * The network that one site often has, and that counts as one client where addresses are cheap: a /24 of IPv4, or a /56
 * of IPv6.
 */
export function siteNetworkOf(address: string): string {
  const plain = toPlainAddress(address);
  if (isIPv4(plain)) return `${plain.slice(0, plain.lastIndexOf('.'))}.0/24`;
  if (!isIPv6(plain)) return plain;
  const [first, second, third, fourth = '0'] = groupsOf(plain);
  return `${first}:${second}:${third}:${(Number.parseInt(fourth, 16) & 0xff00).toString(16)}::/56`;
}

function groupsOf(ipv6: string): string[] {
  const [left = [], right = []] = ipv6.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right];
}

/** A dual-stack socket reports IPv4 addresses as IPv6, and link-local addresses with the name of the link. */
export function toPlainAddress(address: string): string {
  const linkAt = address.indexOf('%');
  const plain = linkAt < 0 ? address : address.slice(0, linkAt);
  return plain.startsWith('::') ? (IPV4_IN_IPV6.exec(plain)?.[1] ?? plain) : plain;
}
