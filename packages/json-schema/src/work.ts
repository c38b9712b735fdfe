/**
 * The number of units that a check may spend. A unit is about 2 ns, and at worst 10 ns for patterns. A check therefore
 * takes about a tenth of a second on a free core, and half a second if it spends all units on patterns.
 */
const UNITS_MAX = 50_000_000;

/** Thrown by a check that ran out of units. */
export class TooMuchWork extends Error {}

/** The budget of one check or of several checks. */
export class WorkBudget {
  /** The generated code decrements this field directly, without a function call. */
  unitsLeft = UNITS_MAX;

  spend(units: number): void {
    this.unitsLeft -= units;
    if (this.unitsLeft < 0) this.refuse();
  }

  refuse(): never {
    throw new TooMuchWork();
  }
}
