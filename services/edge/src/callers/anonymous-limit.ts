import { AppError } from '@toolplane/contracts';
import { networkOf } from '@toolplane/service-kit';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

/** Counts one or several requests that were sent without a key. Rejects with `rate_limited`. */
export type AnonymousLimit = (address: string, count?: number) => Promise<void>;

/**
 * Limits callers without a key, because nobody may exhaust a public server that is meant for everybody. Callers with a
 * key are not counted. Each process counts separately, so a fleet allows the limit once per edge.
 */
export function limitAnonymous(requestsPerMinute: number): AnonymousLimit {
  const limiter = new RateLimiterMemory({ points: requestsPerMinute, duration: 60 });
  return async (address, count = 1) => {
    const refusal = await limiter.consume(networkOf(address), count).then(
      () => undefined,
      (thrown: RateLimiterRes) => thrown,
    );
    if (refusal === undefined) return;
    const details = { retryAfterMs: refusal.msBeforeNext };
    throw new AppError('rate_limited', 'Too many requests without a key; send a key, or wait', { details });
  };
}
