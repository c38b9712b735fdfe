import { counter } from '@toolplane/service-kit';
import { LRUCache } from 'lru-cache';
import { UpstreamError } from './upstream-error.ts';

/**
 * The maximum number of lanes that are remembered as failing. Above this limit, the lane that failed longest ago is
 * forgotten, so its next request is sent.
 */
const LANES_MAX = 10_000;
/** The delay that is reported to requests that arrive while the one probe is in progress. */
const PROBE_MS = 1000;

export type Breaker = {
  /** Throws `upstream_paused` while the lane is open. */
  check(lane: string): void;
  /**
   * Throws like `check`, and returns whether this request is the probe: the one request that is let through to test the
   * upstream.
   */
  begin(lane: string): { isProbe: boolean };
  /** The number of lanes that are open at the moment. */
  openCount(): number;
  /** `isSuccess` is undefined if the request says nothing about the state of the upstream. */
  end(lane: string, request: { isProbe: boolean }, isSuccess: boolean | undefined): void;
};

const opened = counter('toolplane_breaker_opened_total');

type Failing = { inARow: number; openUntil: number | undefined; isProbed: boolean };

/**
 * Pauses requests to an upstream that has failed `failuresMax` times in a row, and sends one probe before it resumes.
 */
export function createBreaker({
  failuresMax,
  openMs,
  now,
}: {
  failuresMax: number;
  openMs: number;
  now: () => number;
}): Breaker {
  /** Contains only lanes that failed; a working lane has no entry. */
  const failing = new LRUCache<string, Failing>({ max: LANES_MAX });

  function check(lane: string): Failing | undefined {
    const known = failing.get(lane);
    if (known?.openUntil === undefined) return undefined;
    const leftMs = known.openUntil - now();
    if (leftMs > 0) throw paused(Math.ceil(leftMs));
    if (known.isProbed) throw paused(PROBE_MS);
    return known;
  }

  return {
    openCount: () => [...failing.values()].filter(({ openUntil = 0 }) => openUntil > now()).length,
    check: (lane) => void check(lane),
    begin(lane) {
      const halfOpen = check(lane);
      if (halfOpen !== undefined) halfOpen.isProbed = true;
      return { isProbe: halfOpen !== undefined };
    },
    end(lane, { isProbe }, isSuccess) {
      if (isSuccess === true) return void failing.delete(lane);
      const known = failing.get(lane);
      if (known !== undefined && isProbe) known.isProbed = false;
      if (isSuccess === undefined) return;
      const { inARow, openUntil } = known ?? { inARow: 0, openUntil: undefined };
      // A request that began before the lane opened provides no new information.
      if (openUntil !== undefined && !isProbe) return;
      const isOpen = isProbe || inARow + 1 >= failuresMax;
      if (isOpen) opened.inc();
      failing.set(lane, { inARow: inARow + 1, openUntil: isOpen ? now() + openMs : undefined, isProbed: false });
    },
  };
}

function paused(retryAfterMs: number): UpstreamError {
  return new UpstreamError(
    'upstream_paused',
    'The host failed many times in a row; requests to it are paused for a while',
    {
      retryAfterMs,
    },
  );
}
