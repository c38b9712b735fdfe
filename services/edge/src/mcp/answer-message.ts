import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '@toolplane/bus';
import { readRequestConfig } from '../callers/request-config.ts';
import type { HostedServer, HostedTool } from '../manifests/hosted-server.ts';
import { sendJson, sendWebResponse, toWebRequest } from '../transports/answers.ts';
import { MessageError } from '../transports/parse-message.ts';
import { type PlainCall, REQUEST_ID_LENGTH_MAX, toPlainCall } from './plain-call.ts';
import { metaKeys, PROTOCOL_VERSION_WITHOUT_HEADER } from './protocol.ts';
import { answerWithSdk } from './sdk-endpoint.ts';
import { toCallToolResult, toResultMembers, toToolResult } from './tool-result.ts';
import { callTool, type ToolCallAnswer } from './tools-call.ts';

const BATCH_LENGTH_MAX = 20;

/** Answers one parsed message: a plain tool call on the hot path, anything else through the SDK. */
export async function answerMessage(
  calls: Caller,
  server: HostedServer,
  message: unknown,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const call = toPlainCall(message, request.headers);
  const hostedTool = call && server.tools.get(call.name);
  if (call !== undefined && hostedTool !== undefined) {
    return answerCall(calls, server, hostedTool, call, request, response);
  }
  refuseBatch(message, request);
  refuseLongId(message);
  const config = readRequestConfig(request);
  const runTool = async (tool: HostedTool, callArguments: unknown, signal: AbortSignal) =>
    toCallToolResult(
      await callTool(calls, {
        server,
        hostedTool: tool,
        callArguments,
        config,
        traceCarrier: toTraceCarrier(undefined, request),
        protocolVersion: (request.headers['mcp-protocol-version'] as string) ?? PROTOCOL_VERSION_WITHOUT_HEADER,
        signal,
      }),
    );
  const aborted = abortWhenClientLeaves(response);
  await sendWebResponse(response, await answerWithSdk(toWebRequest(request, aborted), message, server, runTool));
}

async function answerCall(
  calls: Caller,
  server: HostedServer,
  hostedTool: HostedTool,
  call: PlainCall,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = await callTool(calls, {
    server,
    hostedTool,
    callArguments: call.callArguments,
    config: readRequestConfig(request),
    traceCarrier: toTraceCarrier(call.meta, request),
    protocolVersion: call.protocolVersion,
    // Closing the response cancels the call from 2026-07-28 on; before, a disconnect explicitly is no cancellation.
    ...(call.era === 'modern' ? { signal: abortWhenClientLeaves(response) } : {}),
  });
  if (response.destroyed) return;
  sendJson(response, 200, toResponseText(server, call, answer));
}

function toResponseText({ serverInfo }: HostedServer, { id, era }: PlainCall, answer: ToolCallAnswer): string {
  const result = toToolResult(answer);
  const members =
    era === 'modern'
      ? `"resultType":"complete",${toResultMembers(result, { [metaKeys.serverInfo]: serverInfo })}`
      : toResultMembers(result);
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{${members}}}`;
}

/** The trace context of `_meta` (SEP-414) goes before that of the HTTP request, which a proxy may have made. */
function toTraceCarrier(meta: Record<string, unknown> | undefined, { headers }: IncomingMessage) {
  const source = typeof meta?.traceparent === 'string' ? meta : headers;
  const { traceparent, tracestate } = source as Record<string, unknown>;
  return {
    traceparent: typeof traceparent === 'string' ? traceparent : undefined,
    tracestate: typeof tracestate === 'string' ? tracestate : undefined,
  };
}

function abortWhenClientLeaves(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** An id is sent back as it is, which must not make the edge an echo. */
function refuseLongId(message: unknown): void {
  const { id } = (message ?? {}) as { id?: unknown };
  if (typeof id === 'string' && id.length > REQUEST_ID_LENGTH_MAX) {
    throw new MessageError(-32600, `Invalid request: an id has at most ${REQUEST_ID_LENGTH_MAX} characters`);
  }
}

/** Batches were part of JSON-RPC in MCP 2025-03-26 alone. */
function refuseBatch(message: unknown, request: IncomingMessage): void {
  if (!Array.isArray(message)) return;
  const version = request.headers['mcp-protocol-version'] ?? PROTOCOL_VERSION_WITHOUT_HEADER;
  if (version !== PROTOCOL_VERSION_WITHOUT_HEADER) {
    throw new MessageError(-32600, 'Invalid request: this protocol version has no batches');
  }
  if (message.length > BATCH_LENGTH_MAX) {
    throw new MessageError(-32600, `Invalid request: at most ${BATCH_LENGTH_MAX} messages in a batch`);
  }
}
