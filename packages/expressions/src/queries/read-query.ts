import type { Json } from '@toolplane/contracts';
import type { Budget } from '../budget.ts';

/** A parsed query in any language. All methods throw `ExpressionError` for a value on which the query cannot run. */
export type ReadQuery = {
  find(value: Json, budget: Budget): Json[];
  holds(value: Json, budget: Budget): boolean;
  /**
   * Changes the value and returns the value to continue with, which is a different one if the whole value is replaced.
   */
  replace(value: Json, options: ReplaceOptions): Json;
};

export type ReplaceOptions = {
  /** Returns a new copy for each location, so that a later change in one location does not affect another. */
  copy: () => Json;
  /** If true, a last name that is missing is not added. */
  strict: boolean;
  budget: Budget;
};
