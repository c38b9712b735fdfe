import { AppError, isJsonObject, type JsonObject, questionLimits } from '@toolplane/contracts';
import { PagesNeededError } from '../../external-mcp/external-error.ts';
import type { Run } from '../run.ts';
import { abilitiesOf } from './answer-question.ts';
import { readQuestionState } from './question-state.ts';

/*
 * A server of 2025-11-25 may refuse a call until a person has opened its pages (-32042), and then expects the same call
 * again. A modern server makes the same request with `input_required`, so clients of both eras receive it in that form.
 */

const KEY = 'needed-page-';

/**
 * Returns the question that a refusal stands for. Returns undefined if the refusal is an error for the caller, for
 * example because the pages were already asked for.
 */
export function findPagesQuestion(run: Run, thrown: unknown): JsonObject | undefined {
  if (!(thrown instanceof PagesNeededError) || thrown.pages.length === 0) return undefined;
  if (!abilitiesOf(run).includes('elicitation.url') || listRequestedPages(run).length > 0) return undefined;
  const requests = thrown.pages
    .slice(0, questionLimits.perCall)
    .map((page, index) => [`${KEY}${index + 1}`, { method: 'elicitation/create', params: { ...page, mode: 'url' } }]);
  return { resultType: 'input_required', inputRequests: Object.fromEntries(requests) };
}

/** Called before the call is repeated; throws `input_declined` if the person did not want to open a page. */
export function checkPagesOpened(run: Run): void {
  for (const key of listRequestedPages(run)) {
    const answer = run.call.inputResponses?.[key];
    if (!isJsonObject(answer) || answer['action'] === 'accept') continue;
    throw new AppError('input_declined', 'The person did not open a page that the external server needs');
  }
}

function listRequestedPages({ call }: Run): string[] {
  return Object.keys(readQuestionState(call.state).asked ?? {}).filter((key) => key.startsWith(KEY));
}
