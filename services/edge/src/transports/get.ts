import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@toolplane/contracts';
import type { Edge } from '../edge.ts';
import { isLegacyVersion } from '../protocol/protocol.ts';
import { accepts } from './accepts.ts';
import { serveLegacyStream } from './legacy-sse.ts';
import type { StreamOwner } from './long-stream.ts';
import { findNamedSession } from './named-session.ts';
import { readEventId, resumeStream } from './resume-stream.ts';
import { serveSessionStream } from './session-stream.ts';
import { refuseUnknownVersion } from './unknown-version.ts';

/** The parts of the URL: `path` is that of the endpoint itself. */
export type Endpoint = { path: string; isSse: boolean };

/**
 * A GET: the stream of a session, or the resumption of a lost one, for Streamable HTTP; or the stream of the legacy SSE
 * transport, whose clients are recognised because they name neither a version nor a session, and need not be recognised
 * at `…/sse`. Modern clients have no GET.
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
