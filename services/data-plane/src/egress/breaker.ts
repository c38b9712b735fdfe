import { counter } from '@toolplane/service-kit';
import { LRUCache } from 'lru-cache';
import { UpstreamError } from './upstream-error.ts';

/**
 * The maximum number of keys that are remembered as failing. Above this limit, the key that failed longest ago is
 * forgotten, so its next request is sent.
 */
const KEYS_MAX = 10_000;
/** The delay that is reported to requests that arrive while the one probe is in progress. */
const PROBE_MS = 1000;

export type Breaker = {
  /** Throws `upstream_paused` while requests of the key are paused. */
  check(key: string): void;
  /**
   * Throws like `check`, and returns whether this request is the probe: the one request that is let through to test the
   * upstream.
   */
  begin(key: string): { isProbe: boolean };
  /** The number of keys whose requests are paused at the moment. */
  openCount(): number;
  /** `isSuccess` is undefined if the request says nothing about the state of the upstream. */
  end(key: string, request: { isProbe: boolean }, isSuccess: boolean | undefined): void;
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
  /** Contains only keys whose requests failed. */
  const failing = new LRUCache<string, Failing>({ max: KEYS_MAX });

  function check(key: string): Failing | undefined {
    const known = failing.get(key);
    if (known?.openUntil === undefined) return undefined;
    const leftMs = known.openUntil - now();
    if (leftMs > 0) throw paused(Math.ceil(leftMs));
    if (known.isProbed) throw paused(PROBE_MS);
    return known;
  }

  return {
    openCount: () => [...failing.values()].filter(({ openUntil = 0 }) => openUntil > now()).length,
    check: (key) => void check(key),
    begin(key) {
      const halfOpen = check(key);
      if (halfOpen !== undefined) halfOpen.isProbed = true;
      return { isProbe: halfOpen !== undefined };
    },
    end(key, { isProbe }, isSuccess) {
      if (isSuccess === true) return void failing.delete(key);
      const known = failing.get(key);
      if (known !== undefined && isProbe) known.isProbed = false;
      if (isSuccess === undefined) return;
      const { inARow, openUntil } = known ?? { inARow: 0, openUntil: undefined };
      // A request that began before the pause provides no new information.
      if (openUntil !== undefined && !isProbe) return;
      const isOpen = isProbe || inARow + 1 >= failuresMax;
      if (isOpen) opened.inc();
      failing.set(key, { inARow: inARow + 1, openUntil: isOpen ? now() + openMs : undefined, isProbed: false });
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
