import { AppError } from '@toolplane/contracts';
import { type ResponseScope, type Scope, toText } from '@toolplane/expressions';
import { reasonPhraseOf } from '../egress/upstream-error.ts';
import { budgetFor } from './evaluation-budget.ts';
import type { PreparedStep } from './prepare-plan.ts';
import { type Run, redactorOf } from './run.ts';

/** Longer than any text that a model needs to understand its mistake. */
const EXPLANATION_LENGTH_MAX = 500;

/**
 * Describes why the result of a step is a failure. A tool of a connector is one request, so its caller reads about the
 * API and not about steps.
 */
export function describeFailure(run: Run, rules: NonNullable<PreparedStep['failure']>, scope: Scope): AppError {
  const { response } = scope;
  const { connection } = run.prepared;
  const message =
    connection === undefined || response === undefined
      ? ofStep(response)
      : ofApi(response, connection.authentication !== undefined);
  const explanation = explain(run, rules, scope);
  return new AppError('step_failed', explanation === '' ? message : `${message}: ${explanation}`);
}

function ofStep(response: ResponseScope | undefined): string {
  if (response === undefined) return 'The step does not meet its success criteria';
  return `The upstream answered with status ${response.status}, and the step does not meet its success criteria`;
}

function ofApi({ status }: ResponseScope, hasCredentials: boolean): string {
  if (hasCredentials && (status === 401 || status === 403)) {
    return `The API refused the credentials (status ${status})`;
  }
  const reason = reasonPhraseOf(status);
  return `The API answered with status ${status}${reason === undefined ? '' : ` (${reason})`}`;
}

/**
 * Returns the explanation in the response itself, as the plan selects it; empty if there is none or it cannot be
 * evaluated.
 */
function explain(run: Run, { explanation }: NonNullable<PreparedStep['failure']>, scope: Scope): string {
  if (explanation === undefined || scope.response === undefined) return '';
  const text = writeOrNothing(() => {
    const budget = budgetFor('response_too_large', 'The explanation for the failure of this step is far too large');
    return toText(explanation(scope, budget), budget);
  });
  // The text is masked before it is cut, because a part of a secret would not be recognised.
  const masked = redactorOf(run).redactText(text);
  return cut(masked.replaceAll(CONTROLS, ' ').trim());
}

function writeOrNothing(write: () => string): string {
  try {
    return write();
  } catch (thrown) {
    if (thrown instanceof AppError) return '';
    throw thrown;
  }
}

/** Includes line breaks, because an error is one line of text. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

const HALF_CHARACTER = /[\uD800-\uDBFF]$/;

function cut(text: string): string {
  if (text.length <= EXPLANATION_LENGTH_MAX) return text;
  return `${text.slice(0, EXPLANATION_LENGTH_MAX - 1).replace(HALF_CHARACTER, '')}…`;
}
