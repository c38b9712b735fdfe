import type { Json } from '@toolplane/contracts';
import type { Budget } from '../budget.ts';

/**
 * A query whose text is read, in any language. All throw `ExpressionError` for a value that they cannot be asked of.
 */
export type ReadQuery = {
  find(value: Json, budget: Budget): Json[];
  holds(value: Json, budget: Budget): boolean;
  /** Changes the value and returns the one to continue with, which is a different one if the whole is replaced. */
  replace(value: Json, options: ReplaceOptions): Json;
};

export type ReplaceOptions = {
  /** A copy for each place, so that what is changed in one later does not change in another. */
  copy: () => Json;
  /** A last name that is missing is not added. */
  strict: boolean;
  budget: Budget;
};
