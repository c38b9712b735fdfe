import type { ErrorCode, FinalOutcome, JsonObject } from '@toolplane/contracts';
import { toRpcError } from './outcome-error.ts';
import { openRequests, type TaskRecord } from './task-record.ts';
import type { Task } from './task-store.ts';
import { toErrorText, toToolResult } from './tool-result.ts';

/** The poll interval suits a program that waits for the result, rather than a person. */
const POLL_MS = 1000;

/**
 * The codes of calls that have no result of the tool at all. Every other outcome is a result of the tool, failed or
 * not.
 */
const failedCodes: ReadonlySet<ErrorCode> = new Set([
  ...(['worker_lost', 'queue_restarted', 'queue_unavailable', 'shutting_down', 'deadline_exceeded'] as const),
  ...(['incompatible', 'config_unavailable', 'internal'] as const),
]);

/** Returns the `Task` of the tasks extension that the answer which creates a task contains. */
export function toShownTask({ id, record }: Pick<Task, 'id' | 'record'>, status: string): JsonObject {
  return {
    taskId: id,
    status,
    createdAt: new Date(record.createdAt).toISOString(),
    lastUpdatedAt: new Date(record.lastUpdatedAt).toISOString(),
    ttlMs: record.expiresAt - record.createdAt,
    pollIntervalMs: POLL_MS,
  };
}

/**
 * Returns the `DetailedTask` of the tasks extension: the answer to `tasks/get`, and the params of
 * `notifications/tasks`.
 */
export function toDetailedTask(task: Pick<Task, 'id' | 'record'>): JsonObject {
  const { status, ...detail } = toDetail(task.record);
  return { ...toShownTask(task, status), ...detail };
}

function toDetail({ stage }: TaskRecord): JsonObject & { status: string } {
  if (stage.kind === 'running') return { status: 'working' };
  if (stage.kind === 'ended') return toEnding(stage.outcome);
  const inputRequests = openRequests(stage);
  return Object.keys(inputRequests).length === 0 ? { status: 'working' } : { status: 'input_required', inputRequests };
}

function toEnding(outcome: FinalOutcome): JsonObject & { status: string } {
  if (!outcome.ok && outcome.error.code === 'cancelled') {
    return { status: 'cancelled', statusMessage: toErrorText(outcome) };
  }
  if (!outcome.ok && failedCodes.has(outcome.error.code)) {
    const { code, message, data = null } = toRpcError(outcome, undefined);
    return { status: 'failed', statusMessage: message, error: { code, message, data } };
  }
  const { members } = toToolResult({ outcome, traceId: undefined });
  return { status: 'completed', result: { resultType: 'complete', ...JSON.parse(`{${members}}`) } };
}
