import type { IncomingMessage, ServerResponse } from 'node:http';
import { accountOf, type Principal, principalIdOf } from '../callers/principal.ts';
import { readCaller } from '../callers/read-caller.ts';
import { readHops } from '../callers/read-hops.ts';
import { scopeFor } from '../callers/scopes.ts';
import { readTrace } from '../callers/trace-carrier.ts';
import { callTarget, type ToolCallAnswer } from '../calls/call-target.ts';
import type { TargetCall } from '../calls/target-call.ts';
import { toToolResult } from '../calls/tool-result.ts';
import type { Edge } from '../edge.ts';
import type { HostedServer, HostedTool, Target } from '../manifests/hosted-server.ts';
import { answerRequest } from '../mcp/answer-request.ts';
import { type PlainRequest, toPlainRequest } from '../mcp/plain-request.ts';
import { answerEndedCall } from '../mcp/tools-call.ts';
import { mayAskPerson } from '../policies/call-approvals.ts';
import { openGate } from '../policies/call-gate.ts';
import { metaKeys } from '../protocol/protocol.ts';
import { resultText } from '../protocol/rpc-text.ts';
import { lacksConnection } from '../questions/offer-connection.ts';
import { agreedVersion, type LiveSession } from '../sessions/sessions.ts';
import { createPostReply } from './post-reply.ts';
import { sendPrepared } from './send-prepared.ts';
import { openStreamLog } from './stream-log.ts';

/**
 * The hot path for tool calls, and for results that are ready as bytes. Returns false for a message that has to take
 * the general path.
 */
export function answerPlainRequest(
  edge: Edge,
  server: HostedServer,
  principal: Principal,
  message: unknown,
  request: IncomingMessage,
  response: ServerResponse,
): boolean | Promise<boolean> {
  const plain = toPlainRequest(message, request.headers);
  if (plain === undefined) return false;
  const sessionId = plain.era === 'legacy' ? (request.headers['mcp-session-id'] as string | undefined) : undefined;
  const live = sessionId === undefined ? undefined : peekPlainSession(edge, server, principal, sessionId);
  if (sessionId !== undefined && live === undefined) return false;
  if (plain.method !== 'tools/call') return answerPrepared(server, plain, request, response);
  const { name } = plain.params;
  const hosted = typeof name === 'string' ? server.tools.get(name) : undefined;
  if (hosted === undefined || !isPlainTool(hosted)) return false;
  // The general path reports what is missing.
  if (principal.kind === 'token' && !principal.scopes.includes(scopeFor(hosted.tool))) return false;
  return answerCall(edge, { server, principal, hosted, plain, live }, request, response);
}

function answerPrepared(
  { lists }: HostedServer,
  { id, era, method, params }: PlainRequest,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const isDiscover = era === 'modern' && method === 'server/discover';
  const isToolList = method === 'tools/list' && params['cursor'] === undefined;
  if (!isDiscover && !isToolList) return false;
  const result = isDiscover ? lists.discover : lists.firstPage('tools')[era];
  sendPrepared(request, response, id, result);
  return true;
}

type PlainCall = {
  server: HostedServer;
  principal: Principal;
  hosted: HostedTool;
  plain: PlainRequest;
  live: LiveSession | undefined;
};

async function answerCall(
  edge: Edge,
  { server, principal, hosted, plain, live }: PlainCall,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const caller = tryReadCaller(hosted.target, { headers: request.headers, principal, server });
  // The general path reports what is wrong.
  if (caller === undefined) return false;
  const { name } = hosted.tool;
  const gate = openGate(edge, { ...hosted, server, principal, name, canAsk: false, readCaller: () => caller });
  const openLog = live && ((onResumed: () => void) => openStreamLog(edge.store, live, accountOf(server), onResumed));
  const reply = createPostReply(request, response, openLog);
  // Without a session, nobody could cancel a legacy call.
  const cancelled = live && new AbortController();
  const forget = live && edge.runningRequests.add(live.session.id, plain.id, () => cancelled?.abort());
  const signal = plain.era === 'modern' ? reply.gone : cancelled?.signal;
  const answer = (await callTarget(edge, {
    server,
    principal,
    target: hosted.target,
    method: 'tools/call',
    caller,
    ...readHops(request.headers),
    callArguments: plain.params['arguments'],
    protocolVersion: live === undefined ? plain.protocolVersion : agreedVersion(live),
    clientInfo: plain.era === 'modern' ? plain.meta?.[metaKeys.clientInfo] : live?.session.client,
    trace: readTrace({ meta: plain.meta, headers: request.headers, principal }),
    // From 2026-07-28 on, closing the response cancels the call. Before, a disconnect is explicitly not a cancellation.
    signal,
    admit: gate?.admit,
  }).finally(forget)) as ToolCallAnswer;
  if (lacksConnection(edge, principal, answer)) {
    // The client may be asked to open a page. The general path knows whether it can, and gets the answer of this call.
    const context = { server, principal, headers: request.headers, live };
    const message = { ...plain, kind: 'request', meta: plain.meta ?? {} } as const;
    await answerRequest(edge, context, message, reply, (it) => answerEndedCall(edge, it, hosted, gate, answer));
    return true;
  }
  reply.answer(200, resultText(plain.era, plain.id, toToolResult(answer, hosted.target), server));
  return true;
}

function tryReadCaller(target: Target, calling: Parameters<typeof readCaller>[0]): TargetCall['caller'] | undefined {
  try {
    return readCaller(calling, target);
  } catch {
    return undefined;
  }
}

/** Nothing has to be asked before the call, by its plan or by a policy. */
function isPlainTool({ tool, target, headers, checks }: HostedTool): boolean {
  return !target.asks && tool.task === undefined && headers.length === 0 && !checks.some(mayAskPerson);
}

/**
 * Returns a session that is known to be alive without a request to Redis, and whose client has not requested log
 * messages.
 */
function peekPlainSession(
  { sessions }: Pick<Edge, 'sessions'>,
  { manifest }: HostedServer,
  principal: Principal,
  sessionId: string,
) {
  const live = sessions.peek({ serverId: manifest.serverId, principalId: principalIdOf(principal) }, sessionId);
  return live?.session.transport === 'http' && live.state.logLevel === undefined ? live : undefined;
}
