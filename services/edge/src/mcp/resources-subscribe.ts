import { accountOf } from '../callers/principal.ts';
import { URI_LENGTH_MAX } from '../manifests/uri-template.ts';
import { invalidParams, McpError, rpcCodes } from '../protocol/mcp-error.ts';
import { SESSION_MS_MAX } from '../sessions/session-id.ts';
import type { HandleMethod } from './handle.ts';
import { findResource } from './resources-read.ts';

/**
 * `resources/subscribe` and `resources/unsubscribe` of the legacy era. A resource counts as updated when a deployment
 * changes it; the notification comes on the stream of the session.
 */
export function subscriptionMethod(change: 'subscribe' | 'unsubscribe'): HandleMethod {
  return async ({ params: { uri }, server, session }, edge) => {
    if (typeof uri !== 'string' || uri.length > URI_LENGTH_MAX) throw invalidParams('uri is missing or too long');
    if (session === undefined) {
      throw new McpError(rpcCodes.invalidRequest, 'A subscription requires a session; initialize one');
    }
    if (change === 'subscribe' && findResource(server, uri) === undefined) {
      throw new McpError(rpcCodes.resourceNotFound, 'There is no such resource', { data: { uri } });
    }
    await edge.store.changeSession(session.id, { [change]: uri }, SESSION_MS_MAX, accountOf(server));
    return { members: '' };
  };
}
