import type { Resolved } from '@toolplane/expressions';
import type { Hint } from '../../document/problems.ts';
import type { WorkflowContext } from './context.ts';
import type { ExpressionLocation } from './expression-location.ts';

export type Resolution = {
  context: WorkflowContext;
  location: ExpressionLocation;
  /** The expression as written. */
  text: string;
  report(severity: 'error' | 'warn', code: string, message: string, hint: Hint): void;
};

/** A placeholder for what cannot be used: the document then has an error and no plan. */
export const NOTHING: Resolved = { value: null };
