import { AppError } from '@toolplane/contracts';
import { RateLimiterMemory } from 'rate-limiter-flexible';

const WRONG_KEYS_PER_MINUTE = 60;

/**
 * Slows down who tries keys. Only refusals count, so a good key from the same address always passes.
 * Counted per process: a fleet lets through as many times more as it has edges.
 */
export function createWrongKeyLimit(): (address: string, refusal: AppError) => Promise<AppError> {
  const limiter = new RateLimiterMemory({ points: WRONG_KEYS_PER_MINUTE, duration: 60 });
  return async (address, refusal) => {
    if (refusal.code !== 'unauthenticated') return refusal;
    const isWithinLimit = await limiter.consume(address).then(
      () => true,
      () => false,
    );
    return isWithinLimit ? refusal : new AppError('rate_limited', 'Too many requests without a valid key');
  };
}
