import { setTimeout as delay } from 'node:timers/promises';
import type { SentCall } from '@toolplane/bus';
import type { Failure, Json, JsonObject, Tool } from '@toolplane/contracts';
import { principalIdOf } from '../callers/principal.ts';
import { readCaller } from '../callers/read-caller.ts';
import { readTrace } from '../callers/trace-carrier.ts';
import { callTarget, recordUnsent, type ToolCallAnswer } from '../calls/call-target.ts';
import { toShownTask } from '../calls/detailed-task.ts';
import { storeFirstTrace } from '../calls/first-trace.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import type { TargetCall } from '../calls/target-call.ts';
import type { TaskRecord } from '../calls/task-record.ts';
import { planRound, sendRound, TASK_MS } from '../calls/task-round.ts';
import { createTask, deleteTask } from '../calls/task-store.ts';
import type { Edge } from '../edge.ts';
import type { CallGate } from '../policies/gated-call.ts';
import { toFailure } from '../protocol/to-failure.ts';
import type { AskingRequest } from '../questions/request-state.ts';
import {
  clientInfoOf,
  finishModernCall,
  type InputRequiredAnswer,
  type QuestionParts,
  readAnswers,
  toTargetCall,
} from '../questions/run-with-questions.ts';

/**
 * How long to wait for questions. They arise before any work is done, so a task that has asked nothing by then will
 * hardly ask later.
 */
const QUESTIONS_MS = 1000;

/**
 * Begins a task. The client receives the task once its record and its call are in Redis. From then on, neither this
 * edge nor the client's connection is needed. A call that ends before that without having been executed is an ordinary
 * answer, and so are the questions of a tool that asks before its task.
 */
export async function startTask(
  edge: QuestionParts,
  asking: AskingRequest,
  tool: Pick<Tool, 'asksInTask'>,
): Promise<ToolCallAnswer | InputRequiredAnswer | { task: JsonObject }> {
  const { request, target, callArguments, gate } = asking;
  const { server, principal, signal } = request;
  const answered = await readAnswers(edge, asking);
  const validated = target.validate((callArguments === undefined ? {} : callArguments) as Json);
  const { serverId, pool, name, planDigest, deadlineMs, asks } = target;
  // A call that the gate refuses, or that asks first, is not a task yet.
  const admission = validated.ok
    ? await gate?.admit(validated.value as JsonObject, Date.now() + deadlineMs)
    : undefined;
  const admit = admission && (async () => admission);
  if (!validated.ok || (admission !== undefined && 'refusal' in admission)) {
    const refused = { ...toTargetCall(request, target, callArguments), admit };
    return finishModernCall(edge, answered, await callTarget(edge, refused));
  }
  const origin = serverId === server.manifest.serverId ? {} : { serverId };
  const first = { target: { ...origin, pool, name, planDigest, deadlineMs, asks }, rounds: 0, ...toKept(gate) };
  const caller = readCaller(request, target);
  const written = await recordTask(edge, request, { ...first, caller }, validated.value as JsonObject);
  if ('outcome' in written) {
    admission?.end({ ...written, isUnanswered: false });
    // The call ends like any other, with its row in the call log.
    const refused = { ...toTargetCall(request, target, callArguments), isTask: true as const };
    return finishModernCall(edge, answered, recordUnsent(edge, refused, written.outcome));
  }
  const { id, record, call } = written;
  const { queued, ended } = sendRound(edge, server, record, call, {
    ...answered.answers,
    principal,
    caller,
    trace: readTrace(request),
    signal,
    clientInfo: clientInfoOf(request),
    admit,
  });
  void ended.then(({ outcome, ...found }) => {
    if (outcome.outcome === 'input_required') storeFirstTrace(edge, id, found, TASK_MS);
  });
  const asksBefore = asks && tool.asksInTask !== 'within';
  const isUnderWay = asksBefore ? queued.then(() => delay(QUESTIONS_MS)) : queued;
  const answer = await Promise.race([isUnderWay, ended]);
  if (answer !== undefined && isOrdinary(answer, asksBefore)) {
    await deleteTask(edge, server, id).catch(() => {});
    return finishModernCall(edge, answered, answer);
  }
  return { task: toShownTask({ id, record }, 'working') };
}

/** Returns the approvals to store for later rounds, which any edge may run. */
function toKept(gate: CallGate | undefined): Pick<TaskRecord, 'approved'> {
  const { approved = [] } = gate?.state() ?? {};
  return approved.length === 0 ? {} : { approved };
}

/** Records a task and its first call. A task that cannot be recorded is not begun. */
async function recordTask(
  edge: Pick<Edge, 'calls' | 'store'>,
  request: McpRequest,
  { caller, ...first }: Pick<TaskRecord, 'target' | 'rounds' | 'approved'> & Pick<TargetCall, 'caller'>,
  callArguments: JsonObject,
): Promise<{ id: string; record: TaskRecord; call: SentCall } | { outcome: Failure }> {
  const { server, principal, protocolVersion, client } = request;
  // Tools of external servers, which have sessions, are never tasks.
  const { token, upstreamAuthorization, sessionOwner: _, ...kept } = caller;
  const isOwnToBring = upstreamAuthorization !== undefined || token !== undefined;
  const now = Date.now();
  try {
    const round = planRound(edge, server, first);
    const record: TaskRecord = {
      version: 1,
      serverId: server.manifest.serverId,
      principalId: principalIdOf(principal),
      ...first,
      ...round,
      protocolVersion,
      isCancelled: false,
      createdAt: now,
      lastUpdatedAt: now,
      arguments: callArguments,
      ...kept,
      ...(isOwnToBring ? { hadUpstreamAuthorization: true } : {}),
      abilities: [...client.abilities],
    };
    return { id: await createTask(edge, server, record), record, call: round.stage.call };
  } catch (thrown) {
    return { outcome: toFailure(thrown) };
  }
}

function isOrdinary({ outcome }: Parameters<typeof finishModernCall>[2], asksBefore: boolean): boolean {
  if (outcome.outcome === 'input_required') return asksBefore;
  return outcome.outcome === 'not_started';
}
