import { createHash } from 'node:crypto';
import { AppError } from '@toolplane/contracts';
import { LRUCache } from 'lru-cache';
import { createAddressLimit } from './address-limit.ts';

const WRONG_PER_MINUTE = 100;
const TRIES_PER_SECOND_ABOVE_LIMIT = 5;
const KNOWN_MAX = 10_000;

/** Looks a credential up, unless its address has sent too many wrong ones. `verify` returns undefined for a wrong one. */
export type LimitWrong = <Found>(
  credential: string,
  address: string,
  verify: () => Promise<Found | undefined>,
) => Promise<Found | undefined>;

/**
 * Only wrong credentials are counted, so nobody can lock out the right one behind the same address: one that was right
 * before is always looked up, and above the limit a few others per second are, because one may be right.
 */
export function createWrongCredentialLimit(what: string): LimitWrong {
  const wrong = createAddressLimit({ points: WRONG_PER_MINUTE });
  const triesAboveLimit = createAddressLimit({ points: TRIES_PER_SECOND_ABOVE_LIMIT, seconds: 1 });
  /** The most recent valid ones, by their digest. */
  const known = new LRUCache<string, true>({ max: KNOWN_MAX });

  return async (credential, address, verify) => {
    const digest = digestOf(credential);
    const isKnown = known.has(digest);
    // Counted as wrong until it proves right, so that many concurrent requests do not all pass.
    if (!isKnown && !(await wrong.take(address)) && !(await triesAboveLimit.take(address))) {
      throw new AppError('rate_limited', `Too many wrong ${what} from this address`);
    }
    let isWrong = false;
    try {
      const found = await verify();
      isWrong = found === undefined;
      if (!isWrong) known.set(digest, true);
      return found;
    } finally {
      if (isWrong) known.delete(digest);
      else if (!isKnown) await wrong.giveBack(address);
    }
  };
}

const digestOf = (credential: string) => createHash('sha256').update(credential).digest('base64');
