import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@toolplane/contracts';
import { isLegacyVersion } from '../protocol/protocol.ts';
import { accepts } from './accepts.ts';
import { type LegacyStreamParts, serveLegacyStream } from './legacy-sse.ts';
import type { StreamOwner } from './long-stream.ts';
import { findNamedSession } from './named-session.ts';
import { readEventId, resumeStream } from './resume-stream.ts';
import { serveSessionStream } from './session-stream.ts';
import { refuseUnknownVersion } from './unknown-version.ts';

/**
 * The error for a GET without a stream. It also applies to clients that accept anything, such as curl: they do not
 * expect a stream that never ends.
 */
const NOTHING_TO_STREAM =
  'A GET only opens streams: that of a session (Mcp-Session-Id), or that of HTTP+SSE, for which it sends Accept: text/event-stream and no MCP-Protocol-Version, or uses the URL …/sse. Send messages with POST';

/** The parts of the URL. `path` is that of the endpoint itself. */
export type StreamEndpoint = { path: string; isSse: boolean };

/**
 * Serves a GET. For Streamable HTTP, it opens the stream of a session or resumes a lost stream. For the legacy SSE
 * transport, it opens the stream of that transport; its clients are recognised because they send neither a version nor
 * a session, and need not be recognised at `…/sse`. Modern clients do not use GET.
 */
export async function serveGet(
  edge: LegacyStreamParts,
  owner: StreamOwner,
  { path, isSse }: StreamEndpoint,
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
    throw new AppError('method_not_allowed', NOTHING_TO_STREAM);
  }
  const lost = readEventId(lastEventId as string | undefined);
  if (lost !== undefined) return resumeStream(edge, owner, live, response, lost);
  return serveSessionStream(edge, owner, live, response, lastEventId as string | undefined);
}
