import { AppError } from '@toolplane/contracts';
import { networkOf } from '@toolplane/service-kit';
import { RateLimiterMemory } from 'rate-limiter-flexible';

const WRONG_KEYS_PER_MINUTE = 60;

/**
 * Slows down who tries keys; one subscriber of IPv6 has many addresses and counts as one. Only refusals count, so a good
 * key from the same address passes, if this edge has it in memory. Counted per process: a fleet lets through as many times
 * more as it has edges.
 */
export function createWrongKeyLimit(): WrongKeyLimit {
  const limiter = new RateLimiterMemory({ points: WRONG_KEYS_PER_MINUTE, duration: 60 });
  const tooMany = () => new AppError('rate_limited', 'Too many requests without a valid key or token');
  return {
    async count(address, refusal) {
      if (refusal.code !== 'unauthenticated') return refusal;
      const isWithinLimit = await limiter.consume(networkOf(address)).then(
        () => true,
        () => false,
      );
      return isWithinLimit ? refusal : tooMany();
    },
    async check(address) {
      const used = await limiter.get(networkOf(address));
      if (used !== null && used.consumedPoints >= WRONG_KEYS_PER_MINUTE) throw tooMany();
    },
  };
}

export type WrongKeyLimit = {
  /** What is answered in place of the refusal. */
  count(address: string, refusal: AppError): Promise<AppError>;
  /** Before others are asked about what an address sends; throws `rate_limited` when it has none left. */
  check(address: string): Promise<void>;
};
