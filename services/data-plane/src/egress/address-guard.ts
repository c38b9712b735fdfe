import ipaddr from 'ipaddr.js';
import { refusedRangesV4, refusedRangesV6 } from './refused-ranges.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type AddressRange = [Address, number];

export type AddressGuard = {
  /** Returns whether a socket may be opened to this address. Anything that is not an address is refused. */
  isAllowed(address: string): boolean;
  /** Returns whether the address is one of the operator's exceptions. */
  isException(address: string): boolean;
  hasExceptions: boolean;
};

/**
 * Allows only global unicast addresses. Exceptions come only from the configuration of the data plane, so that nobody
 * outside can open the internal network; denied ranges take precedence over exceptions.
 */
export function createAddressGuard(exceptions: readonly string[], denied: readonly string[] = []): AddressGuard {
  const exceptionRanges = exceptions.map(parseRange);
  const deniedRanges = denied.map(parseRange);
  return {
    hasExceptions: exceptionRanges.length > 0,
    isException(text) {
      const address = parseAddress(text);
      return address !== undefined && isIn(exceptionRanges, address) && !isIn(deniedRanges, address);
    },
    isAllowed(text) {
      const address = parseAddress(text);
      if (address === undefined || isIn(deniedRanges, address)) return false;
      return isIn(exceptionRanges, address) || !isIn(REFUSED, address);
    },
  };
}

const REFUSED = [...refusedRangesV4, ...refusedRangesV6].map(([cidr]) => parseRange(cidr));

function parseRange(cidr: string): AddressRange {
  return ipaddr.parseCIDR(cidr);
}

/** An IPv4-mapped IPv6 address is judged as the IPv4 address that it reaches. */
function parseAddress(text: string): Address | undefined {
  const withoutZone = text.split('%')[0] ?? '';
  return ipaddr.isValid(withoutZone) ? ipaddr.process(withoutZone) : undefined;
}

function isIn(ranges: readonly AddressRange[], address: Address): boolean {
  return ranges.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
}
