import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import type { AddressGuard } from './address-guard.ts';
import { UpstreamError } from './upstream-error.ts';
import { isInternalName } from './url-guard.ts';

export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

const resolveBySystem: Resolve = (hostname) => lookup(hostname, { all: true });

/** The second check: one address that is not allowed rejects the whole answer, so nobody can mix a good one in. */
export function createGuardedLookup(addresses: AddressGuard, resolve: Resolve = resolveBySystem): LookupFunction {
  async function find(hostname: string): Promise<LookupAddress[]> {
    const found = await resolve(hostname);
    const isAllowed = isInternalName(hostname) ? addresses.isException : addresses.isAllowed;
    if (found.length === 0 || !found.every(({ address }) => isAllowed(address))) {
      throw new UpstreamError(
        'egress_denied',
        'Requests to this URL are not allowed because of the address of its name',
      );
    }
    return found;
  }
  return (hostname, options, callback) => {
    find(hostname).then(
      (found) => {
        if (options.all === true) return callback(null, found);
        const [first = { address: '', family: 0 }] = found;
        callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}
