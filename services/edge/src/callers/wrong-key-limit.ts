import { AppError } from '@toolplane/contracts';
import { networkOf } from '@toolplane/service-kit';
import { RateLimiterMemory } from 'rate-limiter-flexible';

const WRONG_KEYS_PER_MINUTE = 60;

/**
 * Slows down callers that guess keys. An IPv6 subscriber has many addresses and counts as one. Only refusals count, so
 * a valid key from the same address passes if this edge has it in memory. Each process counts separately, so a fleet
 * allows the limit once per edge.
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
  /** Counts a refusal and returns the error that replaces it. */
  count(address: string, refusal: AppError): Promise<AppError>;
  /**
   * Called before Redis or an issuer is queried on behalf of an address. Throws `rate_limited` if the address has no
   * attempts left.
   */
  check(address: string): Promise<void>;
};
