import { randomBytes } from 'node:crypto';
import type { ByteAccount } from '@toolplane/bus';
import type { Json } from '@toolplane/contracts';
import { accountOf, principalIdOf } from '../callers/principal.ts';
import type { Edge } from '../edge.ts';
import type { McpRequest } from './mcp-request.ts';
import { type TaskRecord, taskRecordSchema } from './task-record.ts';

const ID_LENGTH_MAX = 64;
/** The extra time for which a record is stored, because clocks differ. */
const SPARE_MS = 60_000;

/** A task as it was read; `version` identifies the state of that moment. */
export type Task = { id: string; record: TaskRecord; version: string; account: ByteAccount };
/** The owner of the tasks, and the server that they belong to. */
export type TaskOwner = Pick<McpRequest, 'server' | 'principal'>;

type WithStore = Pick<Edge, 'store'>;
type Accounted = Parameters<typeof accountOf>[0];

/**
 * Stores a task and returns its id, which nobody can guess and only its owner can use. Throws `tenant_busy` beyond the
 * organization's budget; later changes of a task are stored in any case.
 */
export async function createTask(edge: WithStore, server: Accounted, record: TaskRecord): Promise<string> {
  const id = randomBytes(24).toString('base64url');
  await edge.store.createRecord('task', id, record as Json, keptMs(record), accountOf(server));
  return id;
}

/**
 * Returns a task as it was last recorded, or undefined if it never existed, has expired or belongs to somebody else.
 */
export async function loadTask(
  edge: WithStore,
  { server, principal }: TaskOwner,
  id: string,
): Promise<Task | undefined> {
  const stored = id.length > ID_LENGTH_MAX ? undefined : await edge.store.getRecord('task', id);
  const record = taskRecordSchema.safeParse(stored?.record).data;
  if (stored === undefined || record === undefined || record.expiresAt <= Date.now()) return undefined;
  const isOfCaller = record.serverId === server.manifest.serverId && record.principalId === principalIdOf(principal);
  return isOfCaller ? { id, record, version: stored.version, account: accountOf(server, false) } : undefined;
}

/** Changes a task. Returns false if it was changed by somebody else since it was read. */
export function changeTask(edge: WithStore, task: Task, changes: Partial<TaskRecord>): Promise<boolean> {
  const record: TaskRecord = { ...task.record, lastUpdatedAt: Date.now(), ...changes };
  return edge.store.replaceRecord('task', task.id, task.version, record as Json, keptMs(record), task.account);
}

/** Deletes a task whose id its client never received. */
export function deleteTask(edge: WithStore, server: Accounted, id: string): Promise<void> {
  return edge.store.deleteRecord('task', id, undefined, accountOf(server));
}

function keptMs({ expiresAt }: TaskRecord): number {
  return Math.max(expiresAt - Date.now(), 0) + SPARE_MS;
}
