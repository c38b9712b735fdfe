import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@toolplane/contracts';
import { accountOf } from '../callers/principal.ts';
import type { Edge } from '../edge.ts';
import { MODERN_PROTOCOL_VERSION } from '../protocol/protocol.ts';
import { SESSION_MS_MAX } from '../sessions/session-id.ts';
import { publishSignal } from '../sessions/session-signals.ts';
import type { StreamOwner } from './long-stream.ts';
import { findNamedSession } from './named-session.ts';
import { refuseUnknownVersion } from './unknown-version.ts';

/**
 * Ends a session for its client. Calls in progress continue, because nobody has cancelled them; streams of the session
 * end.
 */
export async function deleteSession(
  edge: Pick<Edge, 'sessions' | 'store'>,
  owner: StreamOwner,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (refuseUnknownVersion(request, response)) return;
  if (request.headers['mcp-protocol-version'] === MODERN_PROTOCOL_VERSION) {
    throw new AppError('method_not_allowed', 'This protocol version does not support sessions');
  }
  const live = await findNamedSession(edge, owner, request);
  if (live === undefined) throw new AppError('invalid_request', 'Mcp-Session-Id is missing');
  const { id } = live.session;
  await edge.store.changeSession(id, { isEnded: true }, SESSION_MS_MAX, accountOf(owner.server, false));
  await publishSignal(edge.store, id, { kind: 'ended' }).catch(() => {});
  response.writeHead(204).end();
}
