import { randomBytes } from 'node:crypto';
import type { ByteAccount, FoundCall, InPool, SentCall } from '@toolplane/bus';
import { type Failure, type Json, jsonObjectSchema, toAppError } from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';
import { z } from 'zod';
import { organizationOf, principalIdOf } from '../callers/principal.ts';
import { readCaller, toLastingCaller } from '../callers/read-caller.ts';
import type { Edge } from '../edge.ts';
import type { Target } from '../manifests/hosted-server.ts';
import type { TextResult } from '../protocol/result.ts';
import type { McpRequest } from './mcp-request.ts';
import { sentCallSchema } from './sent-call-record.ts';

const KEPT_MS = 24 * 3600 * 1000;
/** How long the outcome of a call can be found if its edge was lost. */
export const REPLY_KEPT_MS = 15 * 60_000;
/**
 * A call has its outcome at most one second after its deadline. An edge that has not written the outcome within this
 * time never will.
 */
const WRITTEN_MS_AFTER_DEADLINE = 3000;
/** For a larger result, only its existence is recorded. */
const RESULT_BYTES_MAX = 1 << 20;
/**
 * A larger result is kept for a shorter time, in a separate record. After that, its key says only that the call ran.
 */
const LARGE_BYTES = 64 << 10;
const LARGE_KEPT_MS = 3600_000;

const recordSchema = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('running'),
    requestDigest: z.string(),
    /** Identifies the attempt that made the record. That attempt may not know that the write succeeded. */
    attempt: z.string(),
    writtenBy: z.int(),
    /** Absent if more than one call may be made for the key. */
    call: sentCallSchema.optional(),
  }),
  z.strictObject({
    state: z.literal('done'),
    requestDigest: z.string(),
    kind: z.enum(['complete', 'task']),
    /** Absent if the result is too large to store here. */
    members: z.string().optional(),
    meta: jsonObjectSchema.optional(),
  }),
]);
export type KeyedRecord = z.infer<typeof recordSchema>;
export type DoneRecord = Extract<KeyedRecord, { state: 'done' }>;
/**
 * The member of `meta` that holds the span of the call that ran. Edges of older releases treat it as one more member.
 */
export const RAN_IN = 'io.toolplane/ran-in';
/** `record` is undefined if it was written by a release that this edge does not know. */
export type StoredKey = { record: KeyedRecord | undefined; version: string };

/** A call that is recorded before it is made, so that any edge can find its outcome. */
export type Findable = { describe(): SentCall & InPool; find(call: SentCall & InPool): Promise<FoundCall> };
/** A call of a tool with the idempotency key that its client chose for it. */
export type KeyedCall = {
  request: McpRequest;
  target: Target;
  key: string;
  findable?: Findable | undefined;
  /** Called if a call ends without having been made, because its key cannot be looked up. */
  onRefused?: (failure: Failure) => void;
};
/** One attempt to make a keyed call: the id of its record, and what distinguishes it from other attempts. */
export type KeyedAttempt = {
  recordId: string;
  /**
   * The organization whose Redis budget the record counts against. The state that clients carry does not include it.
   */
  organizationId?: string | undefined;
  requestDigest: string;
  attempt: string;
  call?: (SentCall & InPool) | undefined;
};

type WithStore = Pick<Edge, 'store'>;

export function toAttempt({ request, target, key }: KeyedCall): KeyedAttempt {
  const { manifest } = request.server;
  const { workspaceId, serverId } = manifest;
  // Absent arguments are an empty object; null is not, and is refused.
  const { arguments: callArguments = {} } = request.params as { arguments?: Json };
  // The same caller has a different token an hour later.
  const caller = toLastingCaller(readCaller(request, target));
  // A server may offer tools of several other servers under the same name.
  const tool = target.serverId === serverId ? target.name : [target.serverId, target.name];
  return {
    // Each user has separate keys.
    recordId: JSON.stringify([workspaceId, serverId, tool, principalIdOf(request.principal), key]),
    organizationId: organizationOf(manifest),
    requestDigest: digestOf({ arguments: callArguments, ...caller } as Json),
    attempt: randomBytes(16).toString('base64url'),
  };
}

/** Returns undefined if this attempt now holds the key, otherwise the record that another attempt has left. */
export async function acquireKey(
  { store }: WithStore,
  { recordId, organizationId, ...own }: KeyedAttempt,
  until: number,
): Promise<StoredKey | undefined> {
  const running: KeyedRecord = { state: 'running', ...own, writtenBy: until };
  const there = toStoredKey(
    await store.createRecord('idempotency', recordId, running as Json, KEPT_MS, accountFor({ organizationId })),
  );
  return isOf(there, own) ? undefined : there;
}

/**
 * Returns the time, in Unix milliseconds, by which the result of a call is written if its client is asked questions for
 * `askMs` in addition.
 */
export function writtenBy({ deadlineMs }: Pick<Target, 'deadlineMs'>, askMs: number): number {
  return Date.now() + deadlineMs + askMs + WRITTEN_MS_AFTER_DEADLINE;
}

/** Extends the record of an attempt that holds the key, because its call takes longer. */
export async function renewKey(edge: WithStore, own: KeyedAttempt, until: number): Promise<void> {
  const there = await readKey(edge, own);
  if (!isOf(there, own)) return;
  const { recordId, organizationId, ...ofTry } = own;
  const running: KeyedRecord = { state: 'running', ...ofTry, writtenBy: until };
  const account = accountFor({ organizationId }, false);
  await edge.store.replaceRecord('idempotency', recordId, there.version, running as Json, KEPT_MS, account);
}

export async function readKey({ store }: WithStore, { recordId }: KeyedAttempt): Promise<StoredKey | undefined> {
  return toStoredKey(await store.getRecord('idempotency', recordId));
}

/** Releases the key if this attempt holds it. A key that it does not hold, or no longer holds, stays as it is. */
export async function releaseKey(edge: WithStore, own: KeyedAttempt): Promise<void> {
  const there = await readKey(edge, own);
  if (isOf(there, own)) await edge.store.deleteRecord('idempotency', own.recordId, there.version, accountFor(own));
}

/**
 * Like `releaseKey`, but stores the result of the call and the id of its span. Returns false if only the existence of the
 * result is stored, because it is too large or the organization has used up its budget.
 */
export async function storeResult(
  edge: WithStore,
  own: KeyedAttempt,
  result: TextResult,
  traceparent: string | undefined,
): Promise<boolean> {
  const { kind, members } = result;
  const meta = traceparent === undefined ? result.meta : { ...result.meta, [RAN_IN]: traceparent };
  const existence: DoneRecord = {
    state: 'done',
    requestDigest: own.requestDigest,
    kind: kind === 'task' ? kind : 'complete',
    ...(meta === undefined ? {} : { meta }),
  };
  const there = await readKey(edge, own);
  if (!isOf(there, own)) return true;
  const replace = (record: DoneRecord, account: ByteAccount | undefined) =>
    edge.store.replaceRecord('idempotency', own.recordId, there.version, record as Json, KEPT_MS, account);
  const isKept =
    Buffer.byteLength(members) <= RESULT_BYTES_MAX && (await storeWhole(edge, own, members, replace, existence));
  if (!isKept) await replace(existence, accountFor(own, false));
  return isKept;
}

async function storeWhole(
  { store }: WithStore,
  own: KeyedAttempt,
  members: string,
  replace: (record: DoneRecord, account: ByteAccount | undefined) => Promise<boolean>,
  existence: DoneRecord,
): Promise<boolean> {
  try {
    if (Buffer.byteLength(members) <= LARGE_BYTES) await replace({ ...existence, members }, accountFor(own));
    else {
      await store.createRecord('idempotency', largeIdOf(own), members, LARGE_KEPT_MS, accountFor(own));
      await replace(existence, accountFor(own, false));
    }
    return true;
  } catch (thrown) {
    if (toAppError(thrown).code !== 'tenant_busy') throw thrown;
    return false;
  }
}

/**
 * Returns the result of a call whose record contains only its existence, or undefined if the result was not kept or is
 * no longer stored.
 */
export async function readLargeResult({ store }: WithStore, own: KeyedAttempt): Promise<string | undefined> {
  const stored = await store.getRecord('idempotency', largeIdOf(own));
  return typeof stored?.record === 'string' ? stored.record : undefined;
}

function largeIdOf({ recordId }: Pick<KeyedAttempt, 'recordId'>): string {
  return `${recordId} result`;
}

function accountFor(
  { organizationId }: Pick<KeyedAttempt, 'organizationId'>,
  isRefusable = true,
): ByteAccount | undefined {
  return organizationId === undefined ? undefined : { organizationId, isRefusable };
}

function toStoredKey(stored: { record: Json; version: string } | undefined): StoredKey | undefined {
  return stored && { record: recordSchema.safeParse(stored.record).data, version: stored.version };
}

function isOf(there: StoredKey | undefined, { attempt }: Pick<KeyedAttempt, 'attempt'>): there is StoredKey {
  return there?.record?.state === 'running' && there.record.attempt === attempt;
}
