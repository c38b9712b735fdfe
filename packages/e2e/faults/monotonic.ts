/**
 * Milliseconds of the machine's monotonic clock, which nobody can set: it is the same in every process, whatever the
 * wall clock says.
 */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
