import { AppError } from '@toolplane/contracts';
import { networkOf } from '@toolplane/service-kit';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

/** Counts a request that comes without a key, or several at once; rejects with `rate_limited`. */
export type AnonymousLimit = (address: string, count?: number) => Promise<void>;

/**
 * Public servers are for everybody, so nobody may use one up. Callers with a key are not counted. Counted per process:
 * a fleet allows as many times more as it has edges.
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
