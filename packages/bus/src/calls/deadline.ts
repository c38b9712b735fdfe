import { planLimits } from '@toolplane/contracts';

/** How much the clocks of two hosts may differ. */
const CLOCK_SKEW_MS = 5000;

/** By then, the worker of a call has answered, or will not. */
export const LOST_MS_AFTER_DEADLINE = 1000;

/** A call with less time left is not worth starting: it could only end as `unknown`. */
const START_MS_MIN = 1000;

export const isDeadlineTooFar = (deadline: number, now = Date.now()) =>
  deadline > now + planLimits.deadlineMsMax + CLOCK_SKEW_MS;

/**
 * Whether a call that waited in the queue still has time to run: a second, or half of its time if that is less, so
 * that calls with short deadlines run too.
 */
export function isWorthStarting(call: { deadline: number; queuedAt: number }, now = Date.now()): boolean {
  return call.deadline - now >= Math.min(START_MS_MIN, (call.deadline - call.queuedAt) / 2);
}
