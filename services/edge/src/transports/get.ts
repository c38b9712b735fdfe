import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@toolplane/contracts';
import type { Edge } from '../edge.ts';
import { isLegacyVersion } from '../mcp/protocol.ts';
import { accepts } from './accepts.ts';
import { serveLegacyStream } from './legacy-sse.ts';
import type { StreamOwner } from './long-stream.ts';
import { findNamedSession } from './named-session.ts';
import { readEventId, resumeStream } from './resume-stream.ts';
import { serveSessionStream } from './session-stream.ts';
import { refuseUnknownVersion } from './unknown-version.ts';

/** What the URL said: `path` is that of the endpoint itself. */
export type Endpoint = { path: string; isSse: boolean };

/**
 * A GET: the stream of a session, or a lost one again, of Streamable HTTP; or the stream of the legacy SSE transport,
 * whose clients are known by neither naming a version nor a session, and at `…/sse` need not be known. Modern clients
 * have no GET.
 */
export async function serveGet(
  edge: Edge,
  owner: StreamOwner,
  { path, isSse }: Endpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { accept = '*/*', 'mcp-protocol-version': version, 'last-event-id': lastEventId } = request.headers;
  const namesSession = request.headers['mcp-session-id'] !== undefined;
  const namesEvents = accepts(accept, 'text/event-stream');
  if (isSse || (version === undefined && !namesSession && namesEvents)) {
    return serveLegacyStream(edge, owner, path, response);
  }
  if (refuseUnknownVersion(request, response)) return;
  const canStream = namesEvents || accepts(accept, '*/*');
  const isLegacy = version === undefined || isLegacyVersion(version);
  const live = canStream && isLegacy ? await findNamedSession(edge, owner, request) : undefined;
  if (live === undefined) {
    throw new AppError('method_not_allowed', 'A GET requires a session and text/event-stream; otherwise use POST');
  }
  const lost = readEventId(lastEventId as string | undefined);
  if (lost !== undefined) return resumeStream(edge, owner, live, response, lost);
  return serveSessionStream(edge, owner, live, response, lastEventId as string | undefined);
}
