import { randomUUID } from 'node:crypto';
import type { Link, Span } from '@opentelemetry/api';
import type { CallRequest, HeldCall } from '@toolplane/bus';
import {
  attributes,
  type CallDebug,
  type CallTiming,
  type Failure,
  type FinalOutcome,
  type FlowRun,
  failed,
  type Json,
  type JsonObject,
  type Outcome,
  type ToolCall,
} from '@toolplane/contracts';
import type { Violation } from '@toolplane/json-schema';
import { type Logger, toCarrier } from '@toolplane/service-kit';
import { organizationOf, type Principal } from '../callers/principal.ts';
import { HOPS_MAX } from '../callers/read-hops.ts';
import type { CallTrace } from '../callers/trace-carrier.ts';
import type { Edge } from '../edge.ts';
import { logCallEnded } from '../events.ts';
import type { HostedServer, Target } from '../manifests/hosted-server.ts';
import type { Admit } from '../policies/call-gate.ts';
import { debugOf } from './call-debug.ts';
import { endCallSpan, type FoundBy, startCallSpan, startSendSpan } from './call-span.ts';
import { type CallTimeline, isUnanswered, noteOn, startTimeline, timingOf } from './call-timeline.ts';
import { countEnd, countStart } from './count-calls.ts';
import type { Held } from './held.ts';
import { type EndedAs, noteCall } from './note-call.ts';

/** A call that runs the plan of a tool, a prompt or a resource. */
export type TargetCall = {
  server: HostedServer;
  target: Omit<Target, 'usesConnection'>;
  /** The JSON-RPC method that the client used. */
  method: string;
  /** The arguments as the client sent them; they may not be an object. */
  callArguments: unknown;
  caller: ToolCall['caller'];
  /** The caller, for the call log. Absent if the edge itself makes the call. */
  principal?: Principal;
  trace: CallTrace;
  protocolVersion: string;
  signal?: AbortSignal;
  /** The recorded deadline in Unix milliseconds. If absent, the target's time counts from now. */
  deadline?: number;
  /** The number of Toolplane servers that the call has passed through. */
  hops?: number;
  /** Present only for plans that ask questions. */
  asking?: Pick<ToolCall, 'abilities' | 'inputResponses' | 'state'>;
  events?: ToolCall['events'];
  /** If true, the client answers questions during the call with another request, which any edge may receive. */
  holds?: boolean;
  /** Present for a tool that policies apply to. */
  admit?: Admit;
  /** The call belongs to a task. */
  isTask?: true;
  /** The client's unvalidated description of itself, for the call log. */
  clientInfo?: unknown;
  /** The caller may inspect the call: the answer includes its timing. */
  isDebug?: true;
  /** The token of the debug session that makes the call; the answer then also includes the trace. */
  debugToken?: string;
} & Pick<CallRequest, 'callId' | 'keepReplyMs' | 'onEvent' | 'onQuestion' | 'onQueued'>;

export type ToolCallAnswer<Ended extends Outcome = FinalOutcome> = {
  outcome: Ended;
  /** Present with `input_required` if the call has begun and waits in its worker. */
  held?: Held | undefined;
  /** No worker that ran the call has answered, so only Redis says that it was not started. */
  isUnanswered?: boolean;
  /** Present only for a debug call. */
  timing?: CallTiming;
} & FoundBy;
/** `trace` is present when a worker ran the call for the debugger. */
export type DebugAnswer = ToolCallAnswer<Outcome> & { trace?: FlowRun | undefined };

/** A result that does not have its span yet. */
type Ended = Pick<ToolCallAnswer<Outcome>, 'outcome' | 'held'>;

/** A call that was lost with its worker is restarted only if at least this much of its time is left. */
const RETRY_TIME_LEFT_MS_MIN = 2000;

const VIOLATIONS_TOLD_MAX = 5;

/**
 * Runs one plan in the data plane. Once the tool has been found, everything ends in an outcome, even invalid arguments
 * (MCP 2025-11-25, SEP-1303). Never throws.
 */
export function callTarget(
  edge: Pick<Edge, 'calls' | 'callLog' | 'logger' | 'store'>,
  request: TargetCall,
): Promise<DebugAnswer> {
  return inCallSpan(edge, request, (traced) => validateAndRun(edge.calls, request, traced));
}

/** Runs a call with its span, its row in the call log and its line in the log. */
export async function inCallSpan(
  { callLog, logger, store }: Pick<Edge, 'callLog' | 'logger' | 'store'>,
  request: TargetCall,
  run: (traced: Traced) => Promise<Ended>,
): Promise<DebugAnswer> {
  const { server, target, method, protocolVersion, trace, principal, callId = randomUUID() } = request;
  const startedAt = Date.now();
  const timeline = startTimeline(performance.now());
  // A call without a principal is made by the edge itself and is not counted.
  if (principal !== undefined) countStart();
  // Most servers are not being debugged.
  const debug = server.manifest.debug === undefined ? undefined : debugOf(request);
  const isDebugged = debug !== undefined;
  const about = { method, server, protocolVersion, callId, isDebugged, trace };
  const span = startCallSpan({ ...about, name: target.name });
  const { outcome, held } = await run({ span, callId, timeline, debug });
  // `tool_error` is OpenTelemetry's name for a failure that an external tool reports itself.
  const code = outcome.ok ? (isToolError(outcome) ? 'tool_error' : undefined) : outcome.error.code;
  const endedAt = performance.now();
  const durationMs = endedAt - timeline.startedAt;
  const timing = timingOf(timeline, endedAt);
  const { upstreamRequests } = timeline.reported?.report ?? {};
  const found = endCallSpan(span, { outcome: outcome.outcome, code, timing, upstreamRequests });
  if (principal !== undefined) {
    const { traceId } = found;
    const as = { callId, outcome: outcome.outcome, code, traceId, startedAt, durationMs, timing, timeline };
    countEnd({ ...as, serverId: target.serverId, tool: target.name });
    noteCall(callLog, request, principal, as);
    logEnd(logger, request, span, as);
  }
  const { keepReplyMs } = request;
  if (keepReplyMs !== undefined && timeline.reported !== undefined) {
    // The data plane stores the sealed reply and does not know whose it is, so the edge charges the organization.
    const bytes = Math.ceil((timeline.reported.bytes * 4) / 3);
    store.chargeBytes(organizationOf(server.manifest), bytes, keepReplyMs).catch(() => {});
  }
  const answer = { outcome, isUnanswered: isUnanswered(timeline), ...found, ...(held === undefined ? {} : { held }) };
  return request.isDebug ? { ...answer, timing, trace: timeline.reported?.report?.trace } : answer;
}

function logEnd(logger: Logger, { server, target }: TargetCall, span: Span, as: EndedAs): void {
  const { workspaceId, serverId } = server.manifest;
  const { callId, outcome, code, durationMs } = as;
  logCallEnded(logger, { callId, outcome, code, durationMs, span, workspaceId, serverId, tool: target.name });
}

function isToolError(outcome: Extract<Outcome, { ok: true }>): boolean {
  return outcome.outcome === 'done' && outcome.isError === true;
}

type Traced = { span: Span; callId: string; timeline: CallTimeline; debug: CallDebug | undefined };

async function validateAndRun(calls: Edge['calls'], request: TargetCall, traced: Traced): Promise<Ended> {
  const { target, hops = 0 } = request;
  if (hops > HOPS_MAX)
    return { outcome: failed('not_started', 'loop_limit', `The call came through more than ${HOPS_MAX} servers`) };
  const validated = target.validate((request.callArguments === undefined ? {} : request.callArguments) as Json);
  if (!validated.ok) return { outcome: toInvalidArguments(validated.violations) };
  const callArguments = validated.value as JsonObject;
  const deadline = request.deadline ?? Date.now() + target.deadlineMs;
  if (request.admit === undefined) return run(calls, request, { callArguments, deadline, ...traced });
  const admission = await request.admit(callArguments, deadline);
  if ('refusal' in admission) {
    traced.span.setAttribute(attributes.policyRule, admission.rule);
    return { outcome: admission.refusal };
  }
  const ended = await run(calls, request, { callArguments, deadline, ...traced });
  const { places } = admission;
  if (ended.held === undefined) admission.end({ outcome: ended.outcome, isUnanswered: isUnanswered(traced.timeline) });
  else if (places !== undefined) return { ...ended, held: { ...ended.held, places } };
  return ended;
}

/** `callId` is the id of the first attempt. */
type CheckedCall = { callArguments: JsonObject; deadline: number } & Traced;

async function run(calls: Edge['calls'], request: TargetCall, checked: CheckedCall): Promise<Ended> {
  const { target } = request;
  const { deadline, span: parent } = checked;
  const first = startSendSpan(parent, []);
  const ended = await enqueue(calls, request, checked, first);
  const { outcome } = ended;
  // Every step of a repeatable tool may be sent twice without harm, so the caller need not see that a worker was lost.
  const isLost = !outcome.ok && outcome.error.code === 'worker_lost';
  const isRepeated =
    isLost && target.isRepeatable && request.callId === undefined && deadline - Date.now() >= RETRY_TIME_LEFT_MS_MIN;
  if (!isRepeated) return ended;
  const second = startSendSpan(parent, linkTo(first));
  const again = await enqueue(calls, request, { ...checked, callId: randomUUID() }, second);
  // If the second attempt was not started, this proves nothing about the first.
  return again.outcome.outcome === 'not_started' && outcome.outcome === 'unknown' ? ended : again;
}

export function toInvalidArguments(all: readonly Violation[]): Failure {
  const violations = all.map(({ path, rule, message }) => ({ path, rule, message }));
  return failed('not_started', 'invalid_arguments', toSentence(violations), { details: violations });
}

/** Most models read only the text, and should not need one attempt for each violation. */
function toSentence(violations: readonly { path: string; message: string }[]): string {
  const reported = violations
    .slice(0, VIOLATIONS_TOLD_MAX)
    .map(({ path, message }) => `${path || 'the arguments'} ${message}`);
  const more = violations.length - reported.length;
  return `The arguments do not match the input schema: ${reported.join('; ')}${more === 0 ? '' : `; and ${more} more`}`;
}

function linkTo(span: Span): Link[] {
  return [{ context: span.spanContext() }];
}

/** Sends the call and ends the given span. */
async function enqueue(
  calls: Edge['calls'],
  request: TargetCall,
  { callArguments, deadline, callId, timeline, debug }: CheckedCall,
  span: Span,
): Promise<Ended> {
  const { target, holds = false, signal, keepReplyMs, onEvent, onQuestion, onQueued } = request;
  const { manifest } = request.server;
  const call: ToolCall = {
    version: 1,
    workspaceId: manifest.workspaceId,
    serverId: target.serverId,
    tool: target.name,
    planDigest: target.planDigest,
    arguments: callArguments,
    caller: request.caller,
    ...request.asking,
    ...(request.hops === undefined ? {} : { hops: request.hops }),
    ...(onQuestion === undefined && !holds ? {} : { canAskMeanwhile: true }),
    ...(request.events === undefined ? {} : { events: request.events }),
    ...(debug === undefined ? {} : { debug }),
    ...toCarrier(span),
  };
  let held: HeldCall | undefined;
  const onHeld = (it: HeldCall) => {
    held = it;
  };
  const outcome = await calls
    .call({
      tenant: manifest.workspaceId,
      organization: manifest.organizationId,
      body: call as Json,
      deadline,
      ...noteOn(timeline),
      pool: target.pool,
      ...(signal === undefined ? {} : { signal }),
      callId,
      ...(keepReplyMs === undefined ? {} : { keepReplyMs }),
      ...(onEvent === undefined ? {} : { onEvent }),
      ...(onQuestion === undefined ? {} : { onQuestion }),
      ...(onQueued === undefined ? {} : { onQueued }),
      ...(holds ? { onHeld } : {}),
    })
    .finally(() => span.end());
  return held === undefined ? { outcome } : { outcome, held: { call: held } };
}
