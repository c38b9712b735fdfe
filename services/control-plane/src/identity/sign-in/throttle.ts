import { hash } from 'node:crypto';
import { AppError } from '@toolplane/contracts';
import { networkOf } from '@toolplane/service-kit';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Database } from '../../platform/database/database.ts';
import { createAddressLimit } from '../../platform/principals/address-limit.ts';
import * as store from './failure-store.ts';

const WINDOW_MS = 15 * 60_000;
/** Limit for one account from one address. */
const FAILURES_MAX = 5;
/**
 * Limit for one account from all addresses. Above it, one attempt is accepted every few seconds, because it may be the
 * owner's.
 */
const FAILURES_OF_ACCOUNT_MAX = 50;
const SECONDS_PER_TRY_ABOVE = 5;
/** Limit for all accounts from one address, in this process. */
const TRIES_PER_MINUTE = 60;

/**
 * Slows down guessing: soon for one address, a little later for many. Nobody can lock somebody else out: the owner's
 * address has attempts of its own, and while an account is under attack, some attempts are still accepted.
 */
export type Throttle = {
  /**
   * Counts an attempt as wrong until `noteSuccess`, so that many concurrent attempts cannot all pass. Throws
   * `rate_limited`.
   */
  admit(account: string, address: string): Promise<Try>;
  /** The first half of `admit`, in memory: refuses attempts from a busy address before they have to wait. */
  admitAddress(address: string): Promise<void>;
  /** The second half of `admit`. */
  admitAccount(account: string, address: string): Promise<Try>;
  noteSuccess(account: string, address: string): Promise<void>;
  sweep(): Promise<void>;
};

/** An admitted attempt. It is withdrawn if it was not checked, because it then does not count as wrong. */
export type Try = { withdraw(): Promise<void> };

export function createThrottle({ database }: { database: Database }): Throttle {
  const ofAddress = createAddressLimit({ points: TRIES_PER_MINUTE });
  const ofAccountAbove = new RateLimiterMemory({ points: 1, duration: SECONDS_PER_TRY_ABOVE });
  const windowStart = () => new Date(Date.now() - WINDOW_MS);

  async function isAdmitted(tried: { accountHash: string; address: string }): Promise<boolean> {
    const { ofAccount, fromAddress } = await database.asPlatform((tx) =>
      store.countTries(tx, { ...tried, since: windowStart() }),
    );
    if (fromAddress > FAILURES_MAX) return false;
    if (ofAccount <= FAILURES_OF_ACCOUNT_MAX) return true;
    return ofAccountAbove.consume(tried.accountHash).then(
      () => true,
      () => false,
    );
  }

  async function admitAddress(address: string): Promise<void> {
    if (!(await ofAddress.take(address))) throw tooMany();
  }

  async function admitAccount(account: string, address: string): Promise<Try> {
    const tried = { accountHash: hashOf(account), address: networkOf(address) };
    const id = await database.asPlatform((tx) => store.insertTry(tx, tried));
    const withdraw = () => database.asPlatform((tx) => store.deleteTries(tx, { id }));
    if (await isAdmitted(tried)) return { withdraw };
    await withdraw();
    throw tooMany();
  }

  return {
    admitAddress,
    admitAccount,
    async admit(account, address) {
      await admitAddress(address);
      return admitAccount(account, address);
    },
    noteSuccess: (account, address) =>
      database.asPlatform((tx) => store.deleteTries(tx, { accountHash: hashOf(account), address: networkOf(address) })),
    sweep: () => database.asPlatform((tx) => store.deleteTriesBefore(tx, windowStart())),
  };
}

function tooMany(): AppError {
  return new AppError('rate_limited', 'Too many attempts; wait 15 minutes');
}

/** Accounts are hashed, because e-mail addresses without an account are stored for a while as well. */
function hashOf(account: string): string {
  return hash('sha256', account, 'hex');
}
