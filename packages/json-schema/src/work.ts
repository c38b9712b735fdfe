/**
 * What a check may spend: units of some 2 ns, for patterns of 10 ns at worst. So a check takes about a tenth of a
 * second on a free core, and half a second if it spends all of them on patterns.
 */
const UNITS_MAX = 50_000_000;

/** A check that ran out of units. */
export class TooMuchWork extends Error {}

/** The budget of a check, or of several. */
export class Work {
  /** The generated code takes from it without a call. */
  unitsLeft = UNITS_MAX;

  spend(units: number): void {
    this.unitsLeft -= units;
    if (this.unitsLeft < 0) this.refuse();
  }

  refuse(): never {
    throw new TooMuchWork();
  }
}
