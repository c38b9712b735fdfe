import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import { principalIdOf } from '../callers/principal.ts';
import type { Edge } from '../edge.ts';
import type { LiveSession } from '../sessions/sessions.ts';
import type { StreamOwner } from './long-stream.ts';

/**
 * Returns the session that a request of Streamable HTTP names, or undefined if it names none. Throws `not_found` for an
 * unknown session.
 */
export async function findNamedSession(
  { sessions }: Pick<Edge, 'sessions'>,
  { server: { manifest }, principal }: StreamOwner,
  { headers }: IncomingMessage,
): Promise<LiveSession | undefined> {
  const id = headers['mcp-session-id'];
  if (typeof id !== 'string') return undefined;
  const live = await sessions.find({ serverId: manifest.serverId, principalId: principalIdOf(principal) }, id);
  // A session of the legacy SSE transport is named in the URL.
  if (live.session.transport !== 'http')
    throw new AppError('not_found', 'There is no such session; initialize a new one');
  return live;
}
