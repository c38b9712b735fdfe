/** Milliseconds of the machine's clock that nobody sets: the same one in every process, whatever the wall clock says. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}
