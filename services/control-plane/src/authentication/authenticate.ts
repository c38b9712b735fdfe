import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import type { ClientAddress } from '@toolplane/service-kit';
import { createAddressLimit } from '../access/address-limit.ts';
import type { Principal } from '../access/principal.ts';
import type { ApiKeys } from '../api-keys/api-keys.ts';
import { hasApiKey, readApiKey } from './credentials.ts';

const WRONG_KEYS_PER_MINUTE = 100;
const TRIES_PER_SECOND_ABOVE_LIMIT = 5;
const KNOWN_KEYS_MAX = 10_000;

export type Authenticate = (req: IncomingMessage) => Promise<Principal>;

/** Either a key or a session: two credentials could belong to two tenants. */
export function createAuthenticate(
  apiKeys: Pick<ApiKeys, 'verify'>,
  people: { hasSession(req: IncomingMessage): boolean; authenticate: Authenticate },
  addressOf: ClientAddress,
): Authenticate {
  const authenticateKey = createKeyAuthentication(apiKeys, addressOf);
  return async (req) => {
    if (!people.hasSession(req)) return authenticateKey(req);
    if (hasApiKey(req))
      throw new AppError('invalid_request', 'The request has both an API key and a session; send only one');
    return people.authenticate(req);
  };
}

/**
 * Only wrong keys are counted, so nobody can lock out the right key behind the same address: a key that was right
 * before is always checked, and above the limit a few other keys per second are, because one may be right.
 */
export function createKeyAuthentication(apiKeys: Pick<ApiKeys, 'verify'>, addressOf: ClientAddress): Authenticate {
  const wrongKeys = createAddressLimit({ points: WRONG_KEYS_PER_MINUTE });
  const triesAboveLimit = createAddressLimit({ points: TRIES_PER_SECOND_ABOVE_LIMIT, seconds: 1 });
  const knownKeys = createKnownKeys();

  return async (req) => {
    const key = readApiKey(req);
    const address = addressOf(req);
    const isKnown = knownKeys.has(key);
    // Counted as wrong until it proves right, so that many concurrent requests do not all pass.
    if (!isKnown && !(await wrongKeys.take(address)) && !(await triesAboveLimit.take(address))) {
      throw new AppError('rate_limited', 'Too many wrong API keys from this address');
    }
    let isWrong = false;
    try {
      const principal = await apiKeys.verify(key, address);
      isWrong = principal === undefined;
      if (principal === undefined) throw new AppError('unauthenticated', 'The API key is not valid');
      knownKeys.add(key);
      return principal;
    } finally {
      if (isWrong) knownKeys.delete(key);
      else if (!isKnown) await wrongKeys.giveBack(address);
    }
  };
}

/** The most recent valid keys, by their digest: their ids alone are not secret. */
function createKnownKeys() {
  const digests = new Set<string>();
  const digestOf = (key: string) => createHash('sha256').update(key).digest('base64');
  return {
    has: (key: string) => digests.has(digestOf(key)),
    delete: (key: string) => digests.delete(digestOf(key)),
    add(key: string) {
      const digest = digestOf(key);
      // The last entry of a set is the newest.
      digests.delete(digest);
      digests.add(digest);
      if (digests.size > KNOWN_KEYS_MAX) digests.delete(digests.values().next().value ?? '');
    },
  };
}
