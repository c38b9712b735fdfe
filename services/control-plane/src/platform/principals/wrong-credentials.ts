import { createHash } from 'node:crypto';
import { AppError } from '@toolplane/contracts';
import { LRUCache } from 'lru-cache';
import { createAddressLimit } from './address-limit.ts';

const WRONG_PER_MINUTE = 100;
const TRIES_PER_SECOND_ABOVE_LIMIT = 5;
const KNOWN_MAX = 10_000;

/**
 * Looks up a credential, unless its address has sent too many wrong ones. `verify` returns undefined for a wrong one.
 */
export type LimitWrong = <Found>(
  credential: string,
  address: string,
  verify: () => Promise<Found | undefined>,
) => Promise<Found | undefined>;

/**
 * Counts only wrong credentials, so nobody can lock out somebody else behind the same address: a credential that was
 * right before is always looked up, and above the limit a few others per second are, because one of them may be right.
 */
export function createWrongCredentialLimit(what: string): LimitWrong {
  const wrong = createAddressLimit({ points: WRONG_PER_MINUTE });
  const triesAboveLimit = createAddressLimit({ points: TRIES_PER_SECOND_ABOVE_LIMIT, seconds: 1 });
  /** The digests of the most recent valid credentials. */
  const known = new LRUCache<string, true>({ max: KNOWN_MAX });

  return async (credential, address, verify) => {
    const digest = digestOf(credential);
    const isKnown = known.has(digest);
    // Each credential counts as wrong until it proves right, so that many concurrent requests do not all pass.
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
