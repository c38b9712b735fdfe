import type { JsonObject } from '@toolplane/contracts';
import type { UpstreamResponse } from '../egress/http-client.ts';

/**
 * Headers as expressions see them. A cookie is usually a session: a request can name `Set-Cookie`, but the headers as a
 * whole, which may be an output, do not show it. What makes text or lists of an object sees its enumerable members.
 */
export function toScopeHeaders(headers: UpstreamResponse['headers']): JsonObject {
  const cookies = headers['set-cookie'];
  if (cookies === undefined) return headers as JsonObject;
  return Object.defineProperty({ ...headers } as JsonObject, 'set-cookie', { value: cookies, enumerable: false });
}
