import type { JsonObject } from '@toolplane/contracts';
import type { ResponseScope } from '@toolplane/expressions';
import type { UpstreamResponse } from '../egress/http-client.ts';
import type { Redactor } from './redact.ts';

/**
 * Status and headers as expressions see them: with the secrets of the run masked, so that no expression can change a
 * secret into what no search finds (T49). The body is added once it has been read.
 */
export function maskedResponse({ status, headers }: UpstreamResponse, redactor: Redactor): ResponseScope {
  return { status, headers: toScopeHeaders(redactor.redact(headers as JsonObject) as JsonObject) };
}

/**
 * A cookie is usually a session: a request can name `Set-Cookie`, but the headers as a whole, which may be an output,
 * do not show it. What makes text or lists of an object sees its enumerable members.
 */
function toScopeHeaders(headers: JsonObject): JsonObject {
  const cookies = headers['set-cookie'];
  if (cookies === undefined) return headers;
  return Object.defineProperty({ ...headers }, 'set-cookie', { value: cookies, enumerable: false });
}
