import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type AddressRange = [Address, number];

export type AddressGuard = {
  /** May a socket be opened to this address? Anything that is not an address may not. */
  isAllowed(address: string): boolean;
  /** Is the address one of the operator's exceptions? */
  isException(address: string): boolean;
  hasExceptions: boolean;
};

/**
 * Lets only global unicast addresses through. Exceptions come from the configuration of the data plane alone, so that
 * nobody outside of it can open the inside.
 */
export function createAddressGuard(exceptions: readonly string[]): AddressGuard {
  const exceptionRanges = exceptions.map(parseRange);
  return {
    hasExceptions: exceptionRanges.length > 0,
    isException(text) {
      const address = parseAddress(text);
      return address !== undefined && isIn(exceptionRanges, address);
    },
    isAllowed(text) {
      const address = parseAddress(text);
      if (address === undefined) return false;
      if (isIn(exceptionRanges, address)) return true;
      return address.range() === 'unicast' && !isIn(RESERVED, address);
    },
  };
}

/** Ranges that ipaddr.js counts as unicast although they lead to a host's own network or to no one place. */
const RESERVED = [
  '0.0.0.0/8', // this network
  '168.63.129.16/32', // metadata and agent of Azure
  '192.0.0.0/24', // protocol assignments
  '192.88.99.0/24', // 6to4 relays
  '198.18.0.0/15', // benchmarks
  '240.0.0.0/4', // class E
  '::/96', // IPv4-compatible
  '64:ff9b::/96', // NAT64
  '64:ff9b:1::/48', // local NAT64
  '100::/64', // discard
  '2001::/23', // protocol assignments, Teredo
  '2002::/16', // 6to4
  '3fff::/20', // documentation
  '5f00::/16', // segment routing
  'fec0::/10', // site-local
].map(parseRange);

function parseRange(cidr: string): AddressRange {
  return ipaddr.parseCIDR(cidr);
}

/** An IPv4 address in IPv6 clothes is judged as the IPv4 address that it reaches. */
function parseAddress(text: string): Address | undefined {
  const withoutZone = text.split('%')[0] ?? '';
  return ipaddr.isValid(withoutZone) ? ipaddr.process(withoutZone) : undefined;
}

function isIn(ranges: readonly AddressRange[], address: Address): boolean {
  return ranges.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
}
