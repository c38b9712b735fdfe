import type { IncomingMessage, ServerResponse } from 'node:http';
import { countFurther } from '../callers/count-further.ts';
import { accountOf, type Principal } from '../callers/principal.ts';
import type { Edge } from '../edge.ts';
import type { HostedServer } from '../manifests/hosted-server.ts';
import { answerMessage } from '../mcp/answer-message.ts';
import { claimsModern } from '../mcp/read-message.ts';
import { toRecord } from '../protocol/json-record.ts';
import { answerPlainRequest } from './answer-plain-request.ts';
import { findSseSession, serveLegacyPost } from './legacy-sse.ts';
import type { StreamOwner } from './long-stream.ts';
import { findNamedSession } from './named-session.ts';
import { parseMessage } from './parse-message.ts';
import { createPostReply } from './post-reply.ts';
import { readBody } from './read-body.ts';
import { openStreamLog } from './stream-log.ts';

/**
 * Serves a POST of Streamable HTTP (both eras) or of plain JSON-RPC: one message is received, and its answer is sent on
 * the same response.
 */
export async function servePost(
  edge: Edge,
  server: HostedServer,
  principal: Principal,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const begin = (work: 'reading' | 'answering') =>
    principal.kind === 'anonymous' ? undefined : edge.callerLimits.begin(principal, work);
  const endReading = begin('reading');
  const body = parseMessage(await readBody(request).finally(endReading));
  // The first message of a batch was counted as the request.
  if (Array.isArray(body)) await countFurther(edge, principal, body.length - 1);
  const end = mayWait(body) ? begin('answering') : undefined;
  await answerBody(edge, { server, principal }, body, request, response).finally(end);
}

async function answerBody(
  edge: Edge,
  owner: StreamOwner,
  body: unknown,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { server, principal } = owner;
  const sseSessionId = readSseSessionId(request.url);
  const sse = sseSessionId === undefined ? undefined : await findSseSession(edge, owner, sseSessionId);
  if (sseSessionId !== undefined && (sse !== undefined || !claimsModern(body, request.headers))) {
    return serveLegacyPost(edge, owner, sse, body, request, response);
  }
  if (await answerPlainRequest(edge, server, principal, body, request, response)) return;
  // A legacy client may also work without a session.
  const live = claimsModern(body, request.headers) ? undefined : await findNamedSession(edge, owner, request);
  const context = { server, principal, headers: request.headers, live };
  const openLog = live && ((onResumed: () => void) => openStreamLog(edge.store, live, accountOf(server), onResumed));
  await answerMessage(edge, context, body, createPostReply(request, response, openLog));
}

/**
 * Reads the session id from the URL, where clients of the legacy SSE transport send it because they were given that
 * URL.
 */
function readSseSessionId(url = ''): string | undefined {
  const at = url.indexOf('?');
  return at < 0 ? undefined : (new URLSearchParams(url.slice(at)).get('sessionId') ?? undefined);
}

/**
 * The requests with a person's answers to a task and with its cancellation: they are answered at once, and calls wait
 * for them.
 */
const ANSWERED_AT_ONCE: ReadonlySet<unknown> = new Set(['tasks/update', 'tasks/cancel']);

/**
 * Returns whether the answer to a body can take as long as a call. Responses and notifications receive no answer. They
 * answer a call's question or cancel the call, so they must be accepted while calls use all slots of their caller.
 */
export function mayWait(body: unknown): boolean {
  if (Array.isArray(body)) return body.some(mayWait);
  const { id, method } = toRecord(body);
  return id !== undefined && method !== undefined && !ANSWERED_AT_ONCE.has(method);
}
