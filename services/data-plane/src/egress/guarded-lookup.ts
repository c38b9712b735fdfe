import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import type { AddressGuard } from './address-guard.ts';
import { addressDenied, isInternalName } from './url-guard.ts';

/** Returns all addresses of a name. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

export const resolveBySystem: Resolve = (hostname) => lookup(hostname, { all: true });

/**
 * The second check. One address that is not allowed rejects the whole DNS response, so mixing in a permitted address
 * does not help an attacker.
 */
export function createGuardedResolve(addresses: AddressGuard, resolve: Resolve): Resolve {
  return async (hostname) => {
    const found = await resolve(hostname);
    const isAllowed = isInternalName(hostname) ? addresses.isException : addresses.isAllowed;
    if (found.length === 0 || !found.every(({ address }) => isAllowed(address))) {
      throw addressDenied('the address of its host name');
    }
    return found;
  };
}

/**
 * Converts the function to the form that sockets need. They connect to exactly the addresses that were checked; nothing
 * is resolved again.
 */
export function toLookup(resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (found) => {
        if (options.all === true) return callback(null, found);
        const [first = { address: '', family: 0 }] = found;
        callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}
