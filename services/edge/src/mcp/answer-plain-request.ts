import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Principal, principalIdOf } from '../callers/principal.ts';
import { readRequestConfig } from '../callers/request-config.ts';
import { readTraceCarrier } from '../callers/trace-carrier.ts';
import type { Edge } from '../edge.ts';
import type { HostedServer, HostedTool } from '../manifests/hosted-server.ts';
import { sendJson, sendJsonParts } from '../transports/answers.ts';
import { callTarget, type ToolCallAnswer } from './call-target.ts';
import { type PlainRequest, toPlainRequest } from './plain-request.ts';
import { metaKeys } from './protocol.ts';
import { preparedHead } from './rpc-text.ts';
import { toToolResult } from './tool-result.ts';

/** The hot path: tool calls, and what is ready as bytes. False for a message that has to go the long way. */
export function answerPlainRequest(
  edge: Edge,
  server: HostedServer,
  principal: Principal,
  message: unknown,
  request: IncomingMessage,
  response: ServerResponse,
): boolean | Promise<true> {
  const plain = toPlainRequest(message, request.headers);
  if (plain === undefined) return false;
  const sessionId = plain.era === 'legacy' ? (request.headers['mcp-session-id'] as string | undefined) : undefined;
  if (sessionId !== undefined && !isPlainSession(edge, server, principal, sessionId)) return false;
  if (plain.method !== 'tools/call') return answerPrepared(server, plain, response);
  const { name } = plain.params;
  const hosted = typeof name === 'string' ? server.tools.get(name) : undefined;
  if (hosted === undefined || !isPlainTool(hosted)) return false;
  return answerCall(edge, server, hosted, plain, sessionId, request, response);
}

function answerPrepared({ lists }: HostedServer, { id, era, method, params }: PlainRequest, response: ServerResponse) {
  const isDiscover = era === 'modern' && method === 'server/discover';
  const isToolList = method === 'tools/list' && params['cursor'] === undefined;
  if (!isDiscover && !isToolList) return false;
  const result = isDiscover ? lists.discover : lists.firstPage('tools')[era];
  sendJsonParts(response, preparedHead(id), result);
  return true;
}

async function answerCall(
  edge: Edge,
  server: HostedServer,
  hosted: HostedTool,
  plain: PlainRequest,
  sessionId: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<true> {
  const cancelled = new AbortController();
  // Closing the response cancels the call from 2026-07-28 on; before, a disconnect explicitly is no cancellation.
  if (plain.era === 'modern') abortWhenClientLeaves(response, cancelled);
  const forget =
    sessionId === undefined ? undefined : edge.runningRequests.add(sessionId, plain.id, () => cancelled.abort());
  const answer = await callTarget(edge.calls, {
    ...{ server, target: hosted.target, method: 'tools/call' },
    callArguments: plain.params['arguments'],
    protocolVersion: plain.protocolVersion,
    config: readRequestConfig(request.headers),
    traceCarrier: readTraceCarrier(plain.meta, request.headers),
    signal: cancelled.signal,
  });
  forget?.();
  if (!response.destroyed) sendJson(response, 200, toResponseText(server, plain, answer as ToolCallAnswer));
  return true;
}

function isPlainTool({ tool, target, headers }: HostedTool): boolean {
  return !target.asks && tool.task === undefined && headers.length === 0;
}

/** Known to be alive without asking anybody, and without wishes for log messages. */
function isPlainSession(edge: Edge, { manifest }: HostedServer, principal: Principal, sessionId: string): boolean {
  const live = edge.sessions.peek({ serverId: manifest.serverId, principalId: principalIdOf(principal) }, sessionId);
  return live !== undefined && live.state.logLevel === undefined;
}

function toResponseText({ serverInfo }: HostedServer, { id, era }: PlainRequest, answer: ToolCallAnswer): string {
  const { members, meta: own } = toToolResult(answer);
  const meta = era === 'modern' ? { ...own, [metaKeys.serverInfo]: serverInfo } : own;
  const metaMember = meta === undefined ? '' : `,"_meta":${JSON.stringify(meta)}`;
  const type = era === 'modern' ? '"resultType":"complete",' : '';
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{${type}${members}${metaMember}}}`;
}

function abortWhenClientLeaves(response: ServerResponse, cancelled: AbortController): void {
  response.once('close', () => {
    if (!response.writableFinished) cancelled.abort();
  });
}
