import type { Json } from '@toolplane/contracts';
import { ExpressionError } from '../expression-error.ts';

/** The state of one evaluation. */
export type JmespathRun = { scope: Json; stepsLeft: number };

/** Names without `$` are looked up in `element`. */
export type Evaluate = (element: Json, run: JmespathRun) => Json;

/** About a tenth of a second of work: enough to filter a response of full size, but too little to block the process. */
export const STEPS_MAX = 2_000_000;
/** Multi-selects and texts can repeat a value many times; their result must stay near the size of a response. */
export const RESULT_UNITS_MAX = 8_000_000;

export function spend(run: JmespathRun, steps: number): void {
  run.stepsLeft -= steps;
  if (run.stepsLeft < 0) throw tooMuchWork();
}

export function tooMuchWork(): ExpressionError {
  return new ExpressionError('expression_failed', 'A JMESPath expression takes too much work for this answer');
}

/** Charges for every node and character of a value; shared parts count as often as they appear. */
export function spendOn(value: Json, run: JmespathRun): void {
  spend(run, typeof value === 'string' ? 1 + value.length : 1);
  if (typeof value !== 'object' || value === null) return;
  for (const member of Object.values(value)) spendOn(member, run);
}
