/*
 * A lane holds the requests of one workspace to one origin. Each lane has its own limits, so that a workspace whose
 * upstream is slow or broken holds up neither other workspaces nor its own requests to other upstreams.
 */
import { AppError, type ErrorCode } from '@toolplane/contracts';
import { createBreaker } from './breaker.ts';
import { createBulkhead } from './bulkhead.ts';
import { UpstreamError } from './upstream-error.ts';

/** The default; the operator can set another limit. */
export const REQUESTS_PER_ORIGIN_MAX = 20;
/** The largest limit that an operator may set. */
export const REQUESTS_PER_ORIGIN_LIMIT = 256;
/** The waiting requests of a lane may be at most this many times the requests that it runs at once. */
const WAITING_FACTOR = 5;
const FAILURES_MAX = 10;
const OPEN_MS = 10_000;

type Limits = { timeoutMs: number; signal: AbortSignal };

export type Lanes = {
  /** The number of lanes that are paused at the moment. */
  openCount(): number;
  /**
   * Runs the work when the lane has a free slot; throws an error that says that nothing was sent if none becomes free
   * in time. Waiting counts against the request's time. A response that is still arriving occupies its slot until it
   * has `ended`.
   */
  run<Answer extends { status: number; ended?: Promise<void> }>(
    lane: string,
    limits: Limits,
    work: (timeoutMs: number) => Promise<Answer>,
  ): Promise<Answer>;
};

/**
 * `now` returns milliseconds of any clock that never goes back. `requestsMax` is the maximum of concurrent requests per
 * lane.
 */
export function createLanes(now: () => number, requestsMax = REQUESTS_PER_ORIGIN_MAX): Lanes {
  const bulkhead = createBulkhead({ atOnce: requestsMax, waitingMax: WAITING_FACTOR * requestsMax });
  const breaker = createBreaker({ failuresMax: FAILURES_MAX, openMs: OPEN_MS, now });
  return {
    openCount: breaker.openCount,
    async run(lane, { timeoutMs, signal }, work) {
      breaker.check(lane);
      let leftMs = timeoutMs;
      const turn = bulkhead.enter(lane, { timeoutMs, signal });
      if (turn !== undefined) {
        const since = performance.now();
        await turn;
        leftMs -= performance.now() - since;
      }
      let ended: Promise<void> | undefined;
      try {
        // The breaker may have opened the lane while the request waited.
        const request = breaker.begin(lane);
        const isRushed = leftMs < timeoutMs / 2;
        const answer = await judge(
          () => work(leftMs),
          (isSuccess) => breaker.end(lane, request, isSuccess),
          isRushed,
        );
        ended = answer.ended;
        return answer;
      } finally {
        if (ended === undefined) bulkhead.leave(lane);
        else ended.then(() => bulkhead.leave(lane));
      }
    },
  };
}

/**
 * Reports what the result of the work says about its upstream. A timeout of work that had little time left says
 * nothing, nor does a failure caused by this process.
 */
async function judge<Answer extends { status: number }>(
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
