import { AppError, type Json, type JsonObject } from '@toolplane/contracts';
import type { Budget, Scope } from '@toolplane/expressions';
import { yieldToEventLoop } from '../../yield-to-event-loop.ts';
import { budgetFor } from '../evaluation-budget.ts';
import { maskBody, maskedResponse, toScopeHeaders } from '../masked-response.ts';
import { parseBody } from '../parse-body.ts';
import type { RequestParts } from '../requests/build-request.ts';
import { echoRedactorOf, type Run } from '../run.ts';
import type { Send } from '../send-request.ts';
import { findNextPage, type NextPage } from './find-next-page.ts';
import type { PreparedPagination } from './prepare-pagination.ts';

/**
 * Requests page after page and leaves their items in the scope as one response, with the status and headers of the last
 * page. The first unsuccessful response ends the loop and becomes the response of the step.
 */
export async function runPages(
  run: Run,
  pagination: PreparedPagination,
  scope: Scope,
  send: Send,
): Promise<{ parts: RequestParts; answerBytes: number }> {
  const items: Json[] = [];
  let answerBytes = 0;
  let first: RequestParts | undefined;
  let page: NextPage | undefined;
  for (let count = 1; ; count += 1) {
    // The response of the previous page must not remain in the scope if this page fails.
    delete scope.response;
    const { request, response } = await send(page?.edit);
    first ??= request.shown.parts;
    answerBytes = addBytes(answerBytes, response.body.length, run.services.client.responseBytesMax);
    const redactor = echoRedactorOf(run);
    scope.response = maskedResponse(response, redactor);
    const since = performance.now();
    const isSuccess = response.status >= 200 && response.status <= 299;
    const reading = isSuccess && run.prepared.connection !== undefined ? 'strict' : undefined;
    const body = parseBody(response.body, response.headers['content-type'], reading);
    if (body !== undefined) scope.response.body = maskBody(body, response.body.length, redactor);
    if (!isSuccess) return { parts: first, answerBytes };
    const budget = pageBudget();
    const found = findItems(pagination, scope, budget);
    for (const item of found) items.push(item);
    const raw = {
      status: response.status,
      headers: toScopeHeaders(response.headers as JsonObject),
      body: body ?? null,
    };
    page = findNextPage(pagination, { request, scope: { ...scope, response: raw }, itemCount: found.length, budget });
    await yieldToEventLoop(since);
    if (page !== undefined && count < pagination.pagesMax) continue;
    scope.response.body = { items, has_more: page !== undefined, next: redactor.redact(page?.value ?? null) };
    return { parts: first, answerBytes };
  }
}

function addBytes(known: number, more: number, bytesMax: number): number {
  if (known + more <= bytesMax) return known + more;
  throw new AppError('response_too_large', `The pages of the answer have more than ${bytesMax} bytes in total`);
}

function pageBudget(): Budget {
  return budgetFor(
    'response_too_large',
    'The values that the pagination of this step computes from an answer are far too large',
  );
}

/** A missing list is an empty page. */
function findItems({ items }: PreparedPagination, scope: Scope, budget: Budget): readonly Json[] {
  const found = items(scope, budget) ?? [];
  if (Array.isArray(found)) return found;
  throw new AppError('upstream_bad_response', 'The items of the answer are not a list');
}
