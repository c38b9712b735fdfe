import { AppError, type Json, type JsonObject } from '@toolplane/contracts';
import type { ResponseScope } from '@toolplane/expressions';
import type { UpstreamResponse } from '../egress/http-client.ts';
import type { Redactor } from './redact.ts';

/**
 * Returns the status and headers as expressions see them: with the secrets of the run masked, so that no expression can
 * turn a secret into a form that the search does not find (T52). The body is added once it has been read.
 */
export function maskedResponse({ status, headers }: UpstreamResponse, redactor: Redactor): ResponseScope {
  return { status, headers: toScopeHeaders(redactor.redact(headers as JsonObject) as JsonObject) };
}

/** The product of the bytes and the number of texts to search for; this much takes about half a second. */
const SEARCH_MAX = 2_500_000_000;

/** Throws `response_too_large` if the search for the secrets of the run would take too long. */
export function maskBody(body: Json, bytes: number, redactor: Redactor): Json {
  checkSearch(bytes, redactor);
  return redactor.redact(body);
}

/** The body is masked when it is first read, because only the status of many responses is used. */
export function setMaskedBody(response: ResponseScope, body: Json, bytes: number, redactor: Redactor): void {
  checkSearch(bytes, redactor);
  let masked: Json | undefined;
  Object.defineProperty(response, 'body', {
    enumerable: true,
    get() {
      masked ??= redactor.redact(body);
      return masked;
    },
  });
}

function checkSearch(bytes: number, { formCount }: Redactor): void {
  if (bytes * formCount <= SEARCH_MAX) return;
  const message = `The answer has ${bytes} bytes: too many to be searched for all secrets of this call. Ask for less, or use fewer secrets in one tool`;
  throw new AppError('response_too_large', message);
}

/**
 * A cookie is usually a session: a request can name `Set-Cookie`, but the headers as a whole, which may be an output,
 * do not contain it. Code that turns an object into text or lists sees only enumerable members.
 */
export function toScopeHeaders(headers: JsonObject): JsonObject {
  const cookies = headers['set-cookie'];
  if (cookies === undefined) return headers;
  return Object.defineProperty({ ...headers }, 'set-cookie', { value: cookies, enumerable: false });
}
