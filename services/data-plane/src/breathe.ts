import { setImmediate } from 'node:timers/promises';

/** Each evaluation may work for some 100 ms, and a step has several: other calls must get their turn in between. */
const WORK_MS = 20;

/** Lets the event loop turn when the work since then (`performance.now()`) took long; otherwise it costs nothing. */
export function breathe(since: number): Promise<void> | undefined {
  return performance.now() - since < WORK_MS ? undefined : setImmediate();
}
