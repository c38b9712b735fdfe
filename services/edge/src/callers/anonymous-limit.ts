import { isIPv6 } from 'node:net';
import { AppError } from '@toolplane/contracts';
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';

/** Counts a request that comes without a key, or several at once; rejects with `rate_limited`. */
export type AnonymousLimit = (address: string, count?: number) => Promise<void>;

/**
 * Public servers are for everybody, so nobody may have one for himself. Who sends a key is not counted.
 * Counted per process: a fleet lets through as many times more as it has edges.
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
    throw new AppError('rate_limited', 'Too many requests without a key; send one, or wait', { details });
  };
}

/**
 * Who is counted: of IPv6 the /64, because one subscriber has all of its addresses; also keeps what is remembered
 * small. `address` is as the socket gives it.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  if (address.startsWith('::ffff:')) return address.slice('::ffff:'.length);
  const [left = [], right = []] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`;
}
