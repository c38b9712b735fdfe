/*
 * The requests of one workspace to one origin have limits of their own, so that a workspace whose upstream is slow or
 * broken holds up neither other workspaces nor its own requests to other upstreams.
 */
import { AppError, type ErrorCode } from '@toolplane/contracts';
import { createSemaphore } from '@toolplane/service-kit';
import { createBreaker } from './breaker.ts';
import { cancellation, tooLate } from './in-time.ts';
import { UpstreamError } from './upstream-error.ts';

/** The default; the operator can set another limit. */
export const REQUESTS_PER_ORIGIN_MAX = 20;
/** The largest limit that an operator may set. */
export const REQUESTS_PER_ORIGIN_LIMIT = 256;
/** At most this many times the requests that may be in progress may wait. */
const WAITING_FACTOR = 5;
const FAILURES_MAX = 10;
const OPEN_MS = 10_000;

type Limits = { timeoutMs: number; signal: AbortSignal };

export type OriginLimits = {
  /** The number of keys whose requests are paused at the moment. */
  pausedCount(): number;
  /**
   * Runs the work when the key, a workspace and an origin, has a free slot; throws an error that says that nothing was
   * sent if none becomes free in time. Waiting counts against the request's time. A response that is still arriving
   * occupies its slot until it has `ended`.
   */
  run<Answer extends { status: number; ended?: Promise<void> }>(
    key: string,
    limits: Limits,
    work: (timeoutMs: number) => Promise<Answer>,
  ): Promise<Answer>;
};

/**
 * `now` returns milliseconds of any clock that never goes back. `requestsMax` is the maximum of concurrent requests per
 * key.
 */
export function createOriginLimits(now: () => number, requestsMax = REQUESTS_PER_ORIGIN_MAX): OriginLimits {
  const slots = createSemaphore({
    slotsPerKeyMax: requestsMax,
    waitingMax: WAITING_FACTOR * requestsMax,
    toError: (reason) => (reason === 'timeout' ? tooLate() : busy()),
  });
  const breaker = createBreaker({ failuresMax: FAILURES_MAX, openMs: OPEN_MS, now });
  return {
    pausedCount: breaker.openCount,
    async run(key, { timeoutMs, signal }, work) {
      breaker.check(key);
      let leftMs = timeoutMs;
      const slot = slots.acquire({ key, timeoutMs, signal });
      if (slot !== undefined) {
        const since = performance.now();
        await slot.catch((reason: unknown) => Promise.reject(cancellation({ reason })));
        leftMs -= performance.now() - since;
      }
      let ended: Promise<void> | undefined;
      try {
        // The breaker may have opened while the request waited.
        const request = breaker.begin(key);
        const isRushed = leftMs < timeoutMs / 2;
        const answer = await reportResult(
          () => work(leftMs),
          (isSuccess) => breaker.end(key, request, isSuccess),
          isRushed,
        );
        ended = answer.ended;
        return answer;
      } finally {
        if (ended === undefined) slots.release(key);
        else ended.then(() => slots.release(key));
      }
    },
  };
}

function busy(): UpstreamError {
  return new UpstreamError('upstream_busy', 'Too many requests to this host are in progress and waiting');
}

/**
 * Reports what the result of the work says about its upstream. A timeout of work that had little time left says
 * nothing, nor does a failure caused by this process.
 */
async function reportResult<Answer extends { status: number }>(
  work: () => Promise<Answer>,
  report: (isSuccess: boolean | undefined) => void,
  isRushed: boolean,
): Promise<Answer> {
  let isSuccess: boolean | undefined;
  try {
    const answer = await work();
    isSuccess = !BROKEN.has(answer.status);
    return answer;
  } catch (thrown) {
    const isLate = isRushed && thrown instanceof AppError && thrown.code === 'upstream_timeout';
    const isOurs = thrown instanceof UpstreamError && thrown.isOurs;
    if (thrown instanceof AppError && !isLate && !isOurs) isSuccess = verdicts[thrown.code];
    throw thrown;
  } finally {
    report(isSuccess);
  }
}

/** Status codes of proxies in front of an upstream that is down. A rate limit (429) is not a failure. */
const BROKEN = new Set([502, 503, 504]);

/**
 * A failure is: no connection, no secure connection, no response in time, or a response that was cut off. A cancelled
 * request says nothing about the upstream.
 */
const verdicts: Partial<Record<ErrorCode, boolean>> = {
  upstream_unreachable: false,
  upstream_timeout: false,
  upstream_bad_response: false,
  response_too_large: true,
};
