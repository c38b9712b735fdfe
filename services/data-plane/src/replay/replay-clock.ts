import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../execution/clock.ts';

export type ReplayClock = Clock & {
  /** Parallel work takes no longer together than the longest part of it. */
  spend(ms: number): Promise<void>;
};

/** The time of the recording: waits are over at once, and only what took time then takes time. */
export function createReplayClock(startMs: number): ReplayClock {
  let nowMs = startMs;

  async function spend(ms: number): Promise<void> {
    const endMs = nowMs + ms;
    // All parallel requests have begun before the first of them ends. Other calls also get their turn.
    await nextTurn();
    nowMs = Math.max(nowMs, endMs);
  }

  return {
    now: () => nowMs,
    async wait(ms, signal) {
      signal.throwIfAborted();
      await spend(ms);
      signal.throwIfAborted();
    },
    spend,
  };
}
