import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@toolplane/contracts';
import { nameUser } from '../callers/name-user.ts';
import { readCaller } from '../callers/read-caller.ts';
import { readTrace } from '../callers/trace-carrier.ts';
import { type CallParts, callTarget, type DebugAnswer } from '../calls/call-target.ts';
import type { Edge } from '../edge.ts';
import { type HostedServer, type HostedTool, toHostedServer } from '../manifests/hosted-server.ts';
import { type GateParts, openGate } from '../policies/call-gate.ts';
import { sendJson } from '../transports/answers.ts';
import { answerPreflight } from '../transports/cors.ts';
import { authenticateDebugger } from './authenticate-debugger.ts';
import { readInputs } from './read-inputs.ts';

/** `/mcp/{id}/debug/{tool}`, and the same below `/api/v1`. */
const ENDPOINT = /^(?:\/api\/v1)?\/mcp\/([A-Za-z0-9_-]{1,64})\/debug\/([^/?#]{1,500})\/?(?:\?|$)/;

export type DebugPath = { serverId: string; tool: string };

/** Returns undefined for any other URL. */
export function readDebugPath(url = ''): DebugPath | undefined {
  const [, serverId, tool] = ENDPOINT.exec(url) ?? [];
  if (serverId === undefined || tool === undefined) return undefined;
  try {
    return { serverId, tool: decodeURIComponent(tool) };
  } catch {
    throw new AppError('invalid_request', 'The tool name is not percent-encoded UTF-8');
  }
}

/**
 * Runs a tool, with all its effects, for the holder of a debug session's token, and answers with what it did. It is a
 * call like any other: policies apply to it, and so do the rules about the user that it names.
 */
export async function serveDebugRun(
  edge: CallParts & GateParts & Pick<Edge, 'addressOf' | 'seenUsers'>,
  { serverId, tool }: DebugPath,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'OPTIONS') return answerPreflight(request, response);
  const { manifest, token, principal: session } = await authenticateDebugger(request, edge, serverId);
  if (request.method !== 'GET' && request.method !== 'POST') {
    throw new AppError('method_not_allowed', 'This endpoint does not support this method');
  }
  const principal = await nameUser(edge, session, request.headers);
  const server = toHostedServer(manifest);
  const hosted = findTool(server, tool);
  const { target } = hosted;
  const callArguments = await readInputs(request, hosted.tool.inputSchema);
  const caller = readCaller({ headers: request.headers, principal, server }, target);
  const gate = openGate(edge, {
    ...hosted,
    server,
    principal,
    name: tool,
    canAsk: false,
    readCaller: () => caller,
  });
  const left = new AbortController();
  if (response.destroyed) left.abort();
  else response.once('close', () => left.abort());
  const answer = await callTarget(edge, {
    server,
    principal,
    caller,
    target,
    callArguments,
    method: 'tools/call',
    protocolVersion: '',
    trace: readTrace({ meta: undefined, headers: request.headers, principal }),
    signal: left.signal,
    // Nobody can be asked here.
    ...(target.asks ? { asking: { abilities: [] } } : {}),
    admit: gate?.admit,
    isDebug: true,
    debugToken: token,
  });
  sendJson(response, 200, JSON.stringify(toAnswer(answer)), { 'cache-control': 'no-store' });
}

/** Finds a tool among those that the server lists or, in mode SMART, among its own tools, by name. */
function findTool({ tools, ownTools }: HostedServer, name: string): HostedTool {
  const found = tools.get(name) ?? ownTools.find(({ tool }) => tool.name === name);
  if (found === undefined) throw new AppError('not_found', 'This server has no such tool');
  return found;
}

/** Undefined members are omitted in JSON. */
function toAnswer({ outcome, traceId, timing, trace }: DebugAnswer) {
  const done = outcome.ok && outcome.outcome === 'done' ? outcome : undefined;
  return {
    outcome: outcome.outcome,
    outputs: done?.value ?? null,
    content: done?.content,
    is_error: done?.isError,
    error: outcome.ok ? undefined : outcome.error,
    trace: trace ?? null,
    timing: timing === undefined ? undefined : toTiming(timing),
    trace_id: traceId,
  };
}

function toTiming({ admissionMs, queueMs, executionMs, upstreamMs }: NonNullable<DebugAnswer['timing']>) {
  return { admission_ms: admissionMs, queue_ms: queueMs, execution_ms: executionMs, upstream_ms: upstreamMs };
}
