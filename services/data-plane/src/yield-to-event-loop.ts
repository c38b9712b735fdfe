import { setImmediate } from 'node:timers/promises';

/** One evaluation may take some 100 ms, and a step has several evaluations: other calls must run in between. */
const WORK_MS = 20;

/**
 * Yields to the event loop if the work that started at `since` (`performance.now()`) has taken long; otherwise it costs
 * nothing.
 */
export function yieldToEventLoop(since: number): Promise<void> | undefined {
  return performance.now() - since < WORK_MS ? undefined : setImmediate();
}
