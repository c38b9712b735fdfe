import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import type { AddressGuard } from './address-guard.ts';
import { UpstreamError } from './upstream-error.ts';
import { isInternalName } from './url-guard.ts';

/** All addresses of a name. */
export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

export const resolveBySystem: Resolve = (hostname) => lookup(hostname, { all: true });

/** The second check: one address that is not allowed rejects the whole answer, so nobody can mix in a permitted one. */
export function createGuardedResolve(addresses: AddressGuard, resolve: Resolve): Resolve {
  return async (hostname) => {
    const found = await resolve(hostname);
    const isAllowed = isInternalName(hostname) ? addresses.isException : addresses.isAllowed;
    if (found.length === 0 || !found.every(({ address }) => isAllowed(address))) {
      throw new UpstreamError(
        'egress_denied',
        'Requests to this URL are not allowed because of the address of its host name',
      );
    }
    return found;
  };
}

/** In the form that sockets need: they connect to exactly what was checked, and nothing is looked up again. */
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
