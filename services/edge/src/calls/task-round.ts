import { randomUUID } from 'node:crypto';
import type { SentCall } from '@toolplane/bus';
import { type Failure, failed, isRetryable, type Outcome } from '@toolplane/contracts';
import { ownTrace } from '../callers/trace-carrier.ts';
import type { Edge } from '../edge.ts';
import type { HostedServer, HostedTool } from '../manifests/hosted-server.ts';
import { type GateParts, openGate } from '../policies/call-gate.ts';
import { type CallParts, callTarget, type TargetCall, type ToolCallAnswer } from './call-target.ts';
import { findFirstTrace } from './first-trace.ts';
import { callerOf, type TaskRecord } from './task-record.ts';
import { changeTask, loadTask, type Task, type TaskOwner } from './task-store.ts';

/** What a task uses of the edge. */
export type TaskParts = CallParts & GateParts;

/** How long a task lives after its last call was planned: the time to answer, and to fetch the result. */
export const TASK_MS = 3600_000;

/** Records the next call of a task before it is made. Throws `queue_unavailable`. */
export function planRound(
  { calls }: Pick<Edge, 'calls'>,
  { manifest }: HostedServer,
  { target, rounds }: Pick<TaskRecord, 'target' | 'rounds'>,
) {
  const deadline = Date.now() + target.deadlineMs;
  const call = calls.describe(randomUUID(), manifest.workspaceId, deadline, target.pool);
  return { stage: { kind: 'running', call }, rounds: rounds + 1, expiresAt: Date.now() + TASK_MS } as const;
}

/** Makes a recorded call. The call continues without its edge, and any edge can find its outcome. */
export function sendRound(
  edge: CallParts,
  server: HostedServer,
  record: TaskRecord,
  { callId, deadline }: SentCall,
  extra: Pick<TargetCall, 'principal' | 'asking' | 'signal' | 'admit' | 'clientInfo'> &
    Partial<Pick<TargetCall, 'caller' | 'trace'>>,
): { queued: Promise<undefined>; ended: Promise<ToolCallAnswer<Outcome>> } {
  const { protocolVersion, arguments: callArguments } = record;
  const queued = Promise.withResolvers<undefined>();
  const ended = callTarget(edge, {
    server,
    method: 'tools/call',
    callArguments,
    caller: callerOf(record),
    protocolVersion,
    trace: ownTrace,
    callId,
    deadline,
    isTask: true,
    keepReplyMs: TASK_MS,
    onQueued: () => queued.resolve(undefined),
    ...extra,
    // The arguments were validated when the task began, by the schema of that time.
    target: {
      ...record.target,
      serverId: originOf(record),
      isRepeatable: false,
      validate: (value) => ({ ok: true, value }),
    },
  });
  return { queued: queued.promise, ended };
}

/**
 * Continues a task that has all its answers. Returns the task if its call was refused temporarily, so that the next
 * poll tries again. Otherwise returns `again`: the task has to be read again.
 */
export async function startRound(edge: TaskParts, owner: TaskOwner, task: Task): Promise<Task | 'again'> {
  const { record } = task;
  if (record.stage.kind !== 'asking') return 'again';
  const { server, principal } = owner;
  const hosted = findTool(record, server);
  const obstacle = hosted === undefined ? notServed() : findObstacle(record);
  if (hosted === undefined || obstacle !== undefined) {
    await changeTask(edge, task, { stage: { kind: 'ended', outcome: obstacle ?? notServed() } });
    return 'again';
  }
  const gate = openGate(edge, {
    ...hosted,
    // The task's own plan runs, whatever was deployed since.
    target: { ...hosted.target, planDigest: record.target.planDigest },
    server,
    principal,
    name: hosted.tool.name,
    canAsk: false,
    readCaller: () => callerOf(record),
  });
  gate?.resume({ approved: record.approved });
  const round = planRound(edge, server, record);
  if (!(await changeTask(edge, task, round))) return 'again';
  const { answers, state } = record.stage;
  const trace = { ...ownTrace, links: await findFirstTrace(edge, task.id) };
  const { queued, ended } = sendRound(edge, server, record, round.stage.call, {
    principal: owner.principal,
    trace,
    asking: { abilities: record.abilities, inputResponses: answers, ...(state === undefined ? {} : { state }) },
    admit: gate?.admit,
  });
  const refusal = refusalOf(await Promise.race([queued, ended]));
  if (refusal === undefined) return 'again';
  const refused = await loadTask(edge, owner, task.id);
  const { stage } = refused?.record ?? {};
  if (refused === undefined || stage?.kind !== 'running' || stage.call.callId !== round.stage.call.callId)
    return 'again';
  const isForNow = isRetryable(refusal) && !refused.record.isCancelled;
  const before = { stage: record.stage, rounds: record.rounds };
  const isWritten = await changeTask(edge, refused, isForNow ? before : { stage: { kind: 'ended', outcome: refusal } });
  return (isWritten && isForNow ? await loadTask(edge, owner, task.id) : undefined) ?? 'again';
}

/** Finds the tool by the names in its plan, because the name that clients use may belong to another tool by now. */
function findTool(record: TaskRecord, { tools }: HostedServer): HostedTool | undefined {
  const serverId = originOf(record);
  return [...tools.values()].find(({ target }) => target.serverId === serverId && target.name === record.target.name);
}

function notServed(): Failure {
  return failed('not_started', 'config_unavailable', 'The tool is no longer available');
}

/** Returns the failure if the tool is still available but cannot make the next call. */
function findObstacle({ hadUpstreamAuthorization }: TaskRecord): Failure | undefined {
  if (hadUpstreamAuthorization === undefined) return undefined;
  const message =
    'The credentials that the task began with (X-Upstream-Authorization, or the token of the caller) were valid only for its first call; store credentials, or call the tool without a task';
  return failed('not_started', 'credentials_missing', message);
}

function originOf({ serverId, target }: TaskRecord): string {
  return target.serverId ?? serverId;
}

/** Returns the failure of a call that ended without being executed. */
function refusalOf(answer: ToolCallAnswer<Outcome> | undefined): Failure | undefined {
  return answer !== undefined && !answer.outcome.ok && answer.outcome.outcome === 'not_started'
    ? answer.outcome
    : undefined;
}
