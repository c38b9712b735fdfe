import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { createSemaphore } from '@toolplane/service-kit';
import type { AddressGuard } from './address-guard.ts';
import { tooLate } from './in-time.ts';
import { addressDenied, isInternalName } from './url-guard.ts';

const LOOKUPS_AT_ONCE = 8;
/** The time limit for establishing a connection. */
const WAIT_MS_MAX = 5000;

/** Returns all addresses of a name. */
export type ResolveHost = (hostname: string) => Promise<LookupAddress[]>;

export const resolveBySystem: ResolveHost = (hostname) => lookup(hostname, { all: true });

/**
 * The second check. One address that is not allowed rejects the whole DNS response, so mixing in a permitted address
 * does not help an attacker.
 */
export function createGuardedResolve(addresses: AddressGuard, resolve: ResolveHost): ResolveHost {
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
 * Resolves only a limited number of names for one organization at once, and the others in the order of their arrival.
 * The system's resolver has a few threads for the whole process and cannot be stopped: names whose servers never
 * respond would keep all threads busy, long after the requests have given up, and no names of other organizations would
 * be resolved.
 */
export function createLookupLimits(resolve: ResolveHost): (owner: string, hostname: string) => ReturnType<ResolveHost> {
  const lookups = createSemaphore({ slotsPerKeyMax: LOOKUPS_AT_ONCE, toError: tooLate });
  return (owner, hostname) => lookups.run(() => resolve(hostname), { key: owner, timeoutMs: WAIT_MS_MAX });
}

/**
 * Converts the function to the form that sockets need. They connect to exactly the addresses that were checked; nothing
 * is resolved again.
 */
export function toLookup(resolve: ResolveHost): LookupFunction {
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
