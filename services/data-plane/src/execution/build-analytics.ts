import { type Analytics, analyticsLimits, type Json } from '@toolplane/contracts';
import type { EvaluateTemplate } from '@toolplane/expressions';
import { maskingBudgetOf } from './evaluation-budget.ts';
import type { Redactor } from './redact.ts';
import { redactorOf, type WorkflowRun } from './run.ts';

/** The limit of one value while it is built; what is kept of it is much shorter. */
const UNITS_MAX = 1024 * 1024;

/**
 * Returns the values of this call that the document declares to be kept, as far as the call got, without secrets: the
 * first 32 values that fit into 4 KiB as JSON, with texts cut to 256 characters. An expression that names nothing,
 * cannot be evaluated or yields a list or an object is left out, because analytics must not change how a call ends.
 * Returns undefined if nothing is declared.
 */
export function buildAnalytics({ run, scope }: WorkflowRun): Analytics | undefined {
  const { analytics } = run.prepared;
  if (analytics.length === 0) return undefined;
  const redactor = redactorOf(run);
  const values: Analytics = Object.create(null);
  let bytesLeft: number = analyticsLimits.bytesMax;
  for (const [name, evaluate] of analytics) {
    const value = toPlain(evaluated(evaluate, scope, redactor));
    if (value === undefined) continue;
    const bytes = Buffer.byteLength(JSON.stringify([name, value]));
    if (bytes > bytesLeft) continue;
    bytesLeft -= bytes;
    values[name] = value;
  }
  return values;
}

function evaluated(evaluate: EvaluateTemplate, scope: WorkflowRun['scope'], redactor: Redactor): Json | undefined {
  try {
    const value = evaluate(scope, maskingBudgetOf(redactor, tooMuch, UNITS_MAX));
    // A text can be assembled from parts that were masked separately, so it is masked again as a whole.
    return value === undefined ? undefined : redactor.redact(value);
  } catch {
    return undefined;
  }
}

function toPlain(value: Json | undefined): Analytics[string] | undefined {
  if (typeof value === 'string') return value.slice(0, analyticsLimits.textLengthMax).toWellFormed();
  return typeof value === 'object' && value !== null ? undefined : value;
}

const tooMuch = () => new Error('Far too large for the call log');
