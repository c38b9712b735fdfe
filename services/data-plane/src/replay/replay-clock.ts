import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../execution/clock.ts';

export type ReplayClock = Clock & {
  /** Lets time pass. Parallel work takes no longer than its longest part. */
  advance(ms: number): Promise<void>;
};

/**
 * A clock that runs on the time of the recording: waits end at once, and time passes only for what took time in the
 * recording.
 */
export function createReplayClock(startMs: number): ReplayClock {
  let nowMs = startMs;

  async function advance(ms: number): Promise<void> {
    const endMs = nowMs + ms;
    // All parallel requests have begun before the first of them ends. Other calls also get time to run.
    await setImmediate();
    nowMs = Math.max(nowMs, endMs);
  }

  return {
    now: () => nowMs,
    async wait(ms, signal) {
      signal.throwIfAborted();
      await advance(ms);
      signal.throwIfAborted();
    },
    advance,
  };
}
