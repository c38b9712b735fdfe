import { randomUUID } from 'node:crypto';
import type { Span } from '@opentelemetry/api';
import type { HeldCall } from '@toolplane/bus';
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
import { toCarrier } from '@toolplane/service-kit';
import { organizationOf } from '../callers/principal.ts';
import { HOPS_MAX } from '../callers/read-hops.ts';
import type { Edge } from '../edge.ts';
import { logCallEnded } from '../events.ts';
import type { GateDecision, GateRefusal } from '../policies/gated-call.ts';
import { debugOf } from './call-debug.ts';
import { endCallSpan, type FoundBy, startCallSpan, startSendSpan } from './call-span.ts';
import { type CallTimeline, isUnanswered, progressCallbacks, startTimeline, timingOf } from './call-timeline.ts';
import { countEnd, countStart } from './count-calls.ts';
import type { Held } from './held.ts';
import { recordCall } from './record-call.ts';
import type { TargetCall } from './target-call.ts';

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
type Admitted = Exclude<GateDecision, GateRefusal>;

/** What every call uses of the edge. */
export type CallParts = Pick<Edge, 'calls' | 'callLog' | 'logger' | 'store'>;

/** A call that was lost with its worker is restarted only if at least this much of its time is left. */
const RETRY_TIME_LEFT_MS_MIN = 2000;

const VIOLATIONS_REPORTED_MAX = 5;

/**
 * Runs one plan in the data plane, in these stages: its span begins, its arguments are checked, its policies admit it
 * or not, it is sent, and its end is recorded. Once the tool has been found, everything ends in an outcome, even invalid
 * arguments (MCP 2025-11-25, SEP-1303). Never throws.
 */
export async function callTarget(edge: CallParts, request: TargetCall): Promise<DebugAnswer> {
  const begun = beginCall(request);
  const checked = checkArguments(request);
  if (!checked.ok) return recordEnd(edge, request, begun, { outcome: checked });
  const callArguments = checked.value as JsonObject;
  const deadline = request.deadline ?? Date.now() + request.target.deadlineMs;
  const admission = request.admit === undefined ? undefined : await request.admit(callArguments, deadline);
  if (admission !== undefined && 'refusal' in admission) {
    begun.span.setAttribute(attributes.policyRule, admission.rule);
    return recordEnd(edge, request, begun, { outcome: admission.refusal });
  }
  const ended = await sendCall(edge.calls, request, { callArguments, deadline, ...begun });
  return recordEnd(edge, request, begun, admission === undefined ? ended : endAdmission(admission, ended, begun));
}

type BegunCall = {
  /** The id of the first attempt. */
  callId: string;
  span: Span;
  /** The time in Unix milliseconds; `timeline` has that of the monotonic clock. */
  startedAt: number;
  timeline: CallTimeline;
  debug: CallDebug | undefined;
};

export function beginCall(request: TargetCall): BegunCall {
  const { server, target, method, protocolVersion, trace, principal, callId = randomUUID() } = request;
  const startedAt = Date.now();
  const timeline = startTimeline(performance.now());
  // A call without a principal is made by the edge itself and is not counted.
  if (principal !== undefined) countStart();
  // Most servers are not being debugged.
  const debug = server.manifest.debug === undefined ? undefined : debugOf(request);
  const isDebugged = debug !== undefined;
  const span = startCallSpan({ method, name: target.name, server, protocolVersion, callId, isDebugged, trace });
  return { callId, span, startedAt, timeline, debug };
}

function checkArguments({ target, callArguments, hops = 0 }: TargetCall): Failure | { ok: true; value: Json } {
  if (hops > HOPS_MAX)
    return failed('not_started', 'loop_limit', `The call came through more than ${HOPS_MAX} servers`);
  const validated = target.validate((callArguments === undefined ? {} : callArguments) as Json);
  return validated.ok ? validated : toInvalidArguments(validated.violations);
}

type CheckedCall = BegunCall & { callArguments: JsonObject; deadline: number };

/** Sends a call and waits for its outcome. A repeatable call whose worker was lost is sent once more. */
async function sendCall(calls: Edge['calls'], request: TargetCall, checked: CheckedCall): Promise<Ended> {
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
  const second = startSendSpan(parent, [{ context: first.spanContext() }]);
  const again = await enqueue(calls, request, { ...checked, callId: randomUUID() }, second);
  // If the second attempt was not started, this proves nothing about the first.
  return again.outcome.outcome === 'not_started' && outcome.outcome === 'unknown' ? ended : again;
}

/** Adds the call to the queue, waits for its outcome and ends the given span. */
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
      ...progressCallbacks(timeline),
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

/** Releases what the call was admitted with. A call that waits for its client keeps its concurrency slots. */
function endAdmission({ places, end }: Admitted, ended: Ended, { timeline }: BegunCall): Ended {
  const { outcome, held } = ended;
  if (held === undefined) end({ outcome, isUnanswered: isUnanswered(timeline) });
  return held === undefined || places === undefined ? ended : { outcome, held: { ...held, places } };
}

/** Ends the span of a call, counts the call, and writes its row in the call log and its line in the log. */
export function recordEnd(
  { callLog, logger, store }: CallParts,
  request: TargetCall,
  { callId, span, startedAt, timeline }: BegunCall,
  { outcome, held }: Ended,
): DebugAnswer {
  const { server, target, principal, keepReplyMs } = request;
  // `tool_error` is OpenTelemetry's name for a failure that an external tool reports itself.
  const code = outcome.ok ? (isToolError(outcome) ? 'tool_error' : undefined) : outcome.error.code;
  const endedAt = performance.now();
  const timing = timingOf(timeline, endedAt);
  const { upstreamRequests } = timeline.reported?.report ?? {};
  const found = endCallSpan(span, { outcome: outcome.outcome, code, timing, upstreamRequests });
  if (principal !== undefined) {
    const durationMs = endedAt - timeline.startedAt;
    const { traceId } = found;
    const as = { callId, outcome: outcome.outcome, code, traceId, startedAt, durationMs, timing, timeline };
    countEnd({ ...as, serverId: target.serverId, tool: target.name });
    recordCall(callLog, request, principal, as);
    const { workspaceId, serverId } = server.manifest;
    logCallEnded(logger, { ...as, span, workspaceId, serverId, tool: target.name });
  }
  if (keepReplyMs !== undefined && timeline.reported !== undefined) {
    // The data plane stores the sealed reply and does not know whose it is, so the edge charges the organization.
    const bytes = Math.ceil((timeline.reported.bytes * 4) / 3);
    store.chargeBytes(organizationOf(server.manifest), bytes, keepReplyMs).catch(() => {});
  }
  const answer = { outcome, held, isUnanswered: isUnanswered(timeline), ...found };
  return request.isDebug ? { ...answer, timing, trace: timeline.reported?.report?.trace } : answer;
}

/** Gives a call that is not sent its span, its row in the call log and its line in the log. */
export function recordUnsent(edge: CallParts, request: TargetCall, outcome: Failure): DebugAnswer {
  return recordEnd(edge, request, beginCall(request), { outcome });
}

function isToolError(outcome: Extract<Outcome, { ok: true }>): boolean {
  return outcome.outcome === 'done' && outcome.isError === true;
}

export function toInvalidArguments(all: readonly Violation[]): Failure {
  const violations = all.map(({ path, rule, message }) => ({ path, rule, message }));
  return failed('not_started', 'invalid_arguments', toSentence(violations), { details: violations });
}

/** Most models read only the text, and should not need one attempt for each violation. */
function toSentence(violations: readonly { path: string; message: string }[]): string {
  const reported = violations
    .slice(0, VIOLATIONS_REPORTED_MAX)
    .map(({ path, message }) => `${path || 'the arguments'} ${message}`);
  const more = violations.length - reported.length;
  return `The arguments do not match the input schema: ${reported.join('; ')}${more === 0 ? '' : `; and ${more} more`}`;
}
