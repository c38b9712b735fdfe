/*
 * How organizations share what there is a fixed number of: leases, slots of a worker. There are no fixed parts, which
 * would lie idle. An organization may have so many times as many as are left free, so whoever comes finds some free, and
 * the more organizations there are, the less each of them gets: alone two thirds of all, two organizations two fifths
 * each (Choudhury and Hahne, "Dynamic queue length thresholds").
 */

/** For weight 1. */
export const SHARE_OF_FREE = 2;

/** Of the calls of an organization that sends none. */
export const WEIGHT = 1;

/** Whether an organization may have `count` more. Its first is refused only where none is free. */
export function mayHave(
  count: number,
  { held, free, weight }: { held: number; free: number; weight: number },
): boolean {
  if (count > free) return false;
  return held + count <= Math.max(SHARE_OF_FREE * weight * (free - count), 1);
}
