import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, toAppError } from '@toolplane/contracts';
import { accountOf, principalIdOf } from '../callers/principal.ts';
import type { Edge } from '../edge.ts';
import { logRequestFailed } from '../events.ts';
import type { ManifestChange } from '../manifests/server-changes.ts';
import { answerMessage, readOrRefuse } from '../mcp/answer-message.ts';
import { toNotifications } from '../mcp/change-notifications.ts';
import { claimsModern } from '../mcp/read-message.ts';
import { notificationText } from '../protocol/rpc-text.ts';
import { hasListener, listenForSignals, type SessionSignal } from '../sessions/session-signals.ts';
import type { LiveSession } from '../sessions/sessions.ts';
import { sendJson } from './answers.ts';
import { createLegacyReply } from './legacy-reply.ts';
import { openLongStream, type StreamOwner, type StreamParts } from './long-stream.ts';

/*
 * HTTP+SSE of MCP 2024-11-05, which later revisions replaced and clients still use. A GET opens the only stream of a
 * session and receives the URL for POSTs. A POST is answered with 202, and its answer is sent on the stream. The POST
 * may reach any edge.
 */

/**
 * How long the end of a session is stored. After that, later messages are refused because a closed stream has no
 * listener.
 */
const ENDED_KEPT_MS = 3600_000;

/** What the streams of this transport use of the edge. */
export type LegacyStreamParts = StreamParts & Pick<Edge, 'legacyStreams' | 'publicUrl' | 'sessions' | 'store'>;

/** Opens the stream of a new session. `path` is the path of the endpoint that the client used, without `/sse`. */
export async function serveLegacyStream(
  edge: LegacyStreamParts,
  owner: StreamOwner,
  path: string,
  response: ServerResponse,
): Promise<void> {
  if (!edge.store.isReady()) throw new AppError('queue_unavailable', 'Streams cannot be opened right now');
  const { server, principal } = owner;
  const sessionId = edge.sessions.create(
    { serverId: server.manifest.serverId, principalId: principalIdOf(principal) },
    { protocolVersion: '2024-11-05', abilities: [], transport: 'sse' },
  );
  const send = (data: string) => stream.send({ type: 'message', data });
  const onChange = async (change: ManifestChange) => {
    const { subscriptions } = await edge.store.getSession(sessionId);
    for (const { method, params } of toNotifications(change, subscriptions)) send(notificationText(method, params));
  };
  const stream = openLongStream(edge, owner, response, onChange);
  stream.onEnd(() => {
    edge.store.changeSession(sessionId, { isEnded: true }, ENDED_KEPT_MS, accountOf(server, false)).catch(() => {});
  });
  edge.legacyStreams.set(sessionId, send);
  stream.onEnd(() => edge.legacyStreams.delete(sessionId));
  // Answers may have been among the missed messages; a client whose stream ends knows that they will not come.
  const onMissed = stream.end;
  const onSignal = (signal: SessionSignal) => {
    if (signal.kind === 'message') send(signal.message);
    else if (signal.kind === 'ended') stream.end();
  };
  stream.onEnd(await listenForSignals(edge.store, sessionId, onSignal, onMissed));
  const prefix = new URL(edge.publicUrl).pathname.replace(/\/$/, '');
  stream.send({ type: 'endpoint', data: `${prefix}${path}?sessionId=${encodeURIComponent(sessionId)}` });
}

/** Returns a session of this transport that belongs to the owner and has not ended, otherwise undefined. */
export async function findSseSession(
  { sessions }: Pick<Edge, 'sessions'>,
  { server, principal }: StreamOwner,
  sessionId: string,
): Promise<LiveSession | undefined> {
  const owner = { serverId: server.manifest.serverId, principalId: principalIdOf(principal) };
  try {
    const live = await sessions.find(owner, sessionId);
    return live.session.transport === 'sse' ? live : undefined;
  } catch (thrown) {
    if (toAppError(thrown).code === 'not_found') return undefined;
    throw thrown;
  }
}

/** Handles a message for a session whose stream is held by any edge. Without a stream, the answer is 404. */
export async function serveLegacyPost(
  edge: Edge,
  { server, principal }: StreamOwner,
  live: LiveSession | undefined,
  body: unknown,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const isOpen = live !== undefined && (await isStreamOpen(edge, live));
  if (!isOpen) {
    throw new AppError('not_found', 'There is no stream for this session; open a new one');
  }
  // A modern client cancels by closing its response, but here the response has ended long before.
  if (claimsModern(body, request.headers))
    throw new AppError('invalid_request', 'Protocol 2026-07-28 is not served over this transport');
  if (!Array.isArray(body)) {
    const message = readOrRefuse(body, request.headers);
    if ('refusal' in message) return sendJson(response, message.status, message.refusal);
  }
  response.writeHead(202).end();
  const context = { server, principal, headers: request.headers, live };
  await answerMessage(edge, context, body, createLegacyReply(edge, live.session.id)).catch((thrown: unknown) => {
    const error = toAppError(thrown);
    if (error.code === 'internal') logRequestFailed(edge.logger, error);
  });
}

async function isStreamOpen(
  { legacyStreams, store }: Pick<Edge, 'legacyStreams' | 'store'>,
  { session: { id } }: LiveSession,
): Promise<boolean> {
  return legacyStreams.has(id) || (await hasListener(store, id));
}
