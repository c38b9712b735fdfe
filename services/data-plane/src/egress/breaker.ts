import { counter } from '@toolplane/service-kit';
import { LRUCache } from 'lru-cache';
import { UpstreamError } from './upstream-error.ts';

/** Lanes that failed last; above this the one that failed longest ago is forgotten, that is, asked again. */
const LANES_MAX = 10_000;
/** What is said to whoever comes while the one probe is under way. */
const PROBE_MS = 1000;

export type Breaker = {
  /** Throws `upstream_paused` while the lane is open. */
  check(lane: string): void;
  /** The same, and says whether this request is the probe, the one that is let through to find out. */
  begin(lane: string): { isProbe: boolean };
  /** Lanes that are open now. */
  openCount(): number;
  /** `undefined`: the request says nothing about the upstream. */
  end(lane: string, request: { isProbe: boolean }, isSuccess: boolean | undefined): void;
};

const opened = counter('toolplane_breaker_opened_total');

type Failing = { inARow: number; openUntil: number | undefined; isProbed: boolean };

/** Leaves an upstream alone that failed so many times in a row, and asks once before it goes on. */
export function createBreaker({
  failuresMax,
  openMs,
  now,
}: {
  failuresMax: number;
  openMs: number;
  now: () => number;
}): Breaker {
  /** A lane that works is not in here. */
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
      // What began before the lane opened says nothing new.
      if (openUntil !== undefined && !isProbe) return;
      const isOpen = isProbe || inARow + 1 >= failuresMax;
      if (isOpen) opened.inc();
      failing.set(lane, { inARow: inARow + 1, openUntil: isOpen ? now() + openMs : undefined, isProbed: false });
    },
  };
}

function paused(retryAfterMs: number): UpstreamError {
  return new UpstreamError('upstream_paused', 'The host failed many times in a row and is left alone for a while', {
    retryAfterMs,
  });
}
