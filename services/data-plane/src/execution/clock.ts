import { setTimeout as delay } from 'node:timers/promises';

export type Clock = {
  /** Returns Unix milliseconds. */
  now(): number;
  /** Rejects with the reason of the signal if the signal fires first. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
};

export const systemClock: Clock = {
  now: Date.now,
  async wait(ms, signal) {
    await delay(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
  },
};
