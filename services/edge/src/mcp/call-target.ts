import { isValidTraceId, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Caller } from '@toolplane/bus';
import { attributes, failed, type Json, type JsonObject, type Outcome, type ToolCall } from '@toolplane/contracts';
import { type TraceCarrier, toCarrier, toContext } from '@toolplane/service-kit';
import type { HostedServer, HostedTool } from '../manifests/hosted-server.ts';

export type ToolCallRequest = {
  server: HostedServer;
  hostedTool: HostedTool;
  /** As the client sent them: not yet known to be an object. */
  callArguments: unknown;
  config: Record<string, string>;
  traceCarrier: TraceCarrier;
  protocolVersion: string;
  signal?: AbortSignal;
};

/** `traceId` lets an operator find the call; absent when it is not traced. */
export type ToolCallAnswer = { outcome: Outcome; traceId: string | undefined };

/** A call lost with its worker is started once more only when this much of its time is left. */
const RETRY_TIME_LEFT_MS_MIN = 2000;

const tracer = trace.getTracer('toolplane-edge');

/**
 * Runs one tool call in the data plane. Everything after the tool was found ends in an outcome, invalid arguments
 * included (MCP 2025-11-25, SEP-1303); nothing throws.
 */
export async function callTool(calls: Caller, request: ToolCallRequest): Promise<ToolCallAnswer> {
  const { manifest } = request.server;
  const { tool } = request.hostedTool;
  const span = tracer.startSpan(
    `tools/call ${tool.name}`,
    {
      kind: SpanKind.SERVER,
      attributes: {
        [attributes.mcpMethod]: 'tools/call',
        [attributes.mcpProtocolVersion]: request.protocolVersion,
        [attributes.toolName]: tool.name,
        [attributes.serverId]: manifest.serverId,
        [attributes.workspaceId]: manifest.workspaceId,
      },
    },
    toContext(request.traceCarrier),
  );
  const outcome = await validateAndRun(calls, request, span);
  span.setAttribute(attributes.outcome, outcome.outcome);
  if (!outcome.ok) {
    span.setAttribute(attributes.errorType, outcome.error.code);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  span.end();
  const { traceId } = span.spanContext();
  return { outcome, traceId: isValidTraceId(traceId) ? traceId : undefined };
}

async function validateAndRun(calls: Caller, request: ToolCallRequest, span: Span): Promise<Outcome> {
  const { tool, validate } = request.hostedTool;
  const validated = validate((request.callArguments === undefined ? {} : request.callArguments) as Json);
  if (!validated.ok) {
    const violations = validated.violations.map(({ path, rule, message }) => ({ path, rule, message }));
    const first = violations[0];
    return failed('not_started', 'invalid_arguments', `Argument ${first?.path || '/'} ${first?.message}`, {
      details: violations,
    });
  }
  const deadline = Date.now() + tool.deadlineMs;
  const attempt = () => enqueue(calls, request, validated.value as JsonObject, deadline, span);
  const outcome = await attempt();
  // Every step of such a tool may be sent twice without harm, so a lost worker need not be the caller's problem.
  const isLost = !outcome.ok && outcome.error.code === 'worker_lost';
  return isLost && tool.isRepeatable && deadline - Date.now() >= RETRY_TIME_LEFT_MS_MIN ? attempt() : outcome;
}

function enqueue(
  calls: Caller,
  request: ToolCallRequest,
  callArguments: JsonObject,
  deadline: number,
  parent: Span,
): Promise<Outcome> {
  const { manifest } = request.server;
  const { tool } = request.hostedTool;
  const span = tracer.startSpan(
    'send calls',
    {
      kind: SpanKind.PRODUCER,
      attributes: {
        [attributes.messagingSystem]: 'bullmq',
        [attributes.messagingOperation]: 'send',
        [attributes.messagingDestination]: 'calls',
      },
    },
    trace.setSpan(toContext({}), parent),
  );
  const call: ToolCall = {
    version: 1,
    workspaceId: manifest.workspaceId,
    serverId: manifest.serverId,
    tool: tool.name,
    planDigest: tool.planDigest,
    arguments: callArguments,
    caller: { config: request.config },
    ...toCarrier(span),
  };
  return calls
    .call({
      tenant: manifest.workspaceId,
      body: call as Json,
      deadline,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    })
    .finally(() => span.end());
}
