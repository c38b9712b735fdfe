import { setTimeout as delay } from 'node:timers/promises';
import { AppError, type Failure, failed, type Json, jsonObjectSchema, toAppError } from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';
import { z } from 'zod';
import { principalIdOf } from '../callers/principal.ts';
import type { Edge } from '../edge.ts';
import type { Target } from '../manifests/hosted-server.ts';
import { ASK_MS_MAX } from '../mcp/ask-client.ts';
import { McpError, type McpRequest, type Result, type TextResult } from '../mcp/mcp-request.ts';
import { REPLAYED_META_KEY } from '../mcp/protocol.ts';
import { toToolResult } from '../mcp/tool-result.ts';

/*
 * Idempotency keys by the rules that Stripe made common. A record per key is made before the call and holds its result
 * afterwards. Nothing runs without the record: who asks for this protection gets it or an error.
 */

const KEPT_MS = 24 * 3600 * 1000;
/** A call has its outcome a second after its deadline at the latest; who has not written it by then never will. */
const WRITTEN_MS_AFTER_DEADLINE = 3000;
const POLL_MS_MIN = 50;
const POLL_MS_MAX = 1000;

const recordSchema = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('running'), argumentsDigest: z.string(), writtenBy: z.int() }),
  z.strictObject({
    state: z.literal('done'),
    argumentsDigest: z.string(),
    kind: z.enum(['complete', 'task']),
    members: z.string(),
    meta: jsonObjectSchema.optional(),
  }),
]);
type KeyedRecord = z.infer<typeof recordSchema>;
type DoneRecord = Extract<KeyedRecord, { state: 'done' }>;

type WithStore = Pick<Edge, 'store'>;

/** A call of a tool with the idempotency key that its client chose for it. */
export type KeyedCall = { request: McpRequest; target: Target; key: string };

/** `isFinal`: something was or may have been executed, so its key must not run it again. */
export type Ran = { result: TextResult; isFinal: boolean };

/** Runs a call unless its key was used: then it gives the first one's result, and waits for it if need be. */
export async function runOnce(edge: WithStore, call: KeyedCall, run: () => Promise<Ran>): Promise<Result> {
  const giveUpAt = Date.now() + call.target.deadlineMs;
  for (;;) {
    let first: Json | undefined;
    try {
      first = (await edge.store.createRecord('idempotency', recordIdOf(call), toRunning(call) as Json, KEPT_MS))
        ?.record;
    } catch (thrown) {
      const { code } = toAppError(thrown);
      return toFailedResult(failed('not_started', code, 'The idempotency key cannot be looked up now'));
    }
    if (first === undefined) return runFirst(edge, call, run);
    const result = await awaitFirst(edge, call, first, giveUpAt);
    if (result !== undefined) return result;
  }
}

async function runFirst(edge: WithStore, call: KeyedCall, run: () => Promise<Ran>): Promise<Result> {
  const recordId = recordIdOf(call);
  // If the record stays as it is, its key tells after a while that nobody knows what became of the call.
  const forget = () => edge.store.deleteRecord('idempotency', recordId).catch(() => {});
  let ran: Ran;
  try {
    ran = await run();
  } catch (thrown) {
    // What is thrown on purpose was thrown before anything was executed.
    if (thrown instanceof McpError || thrown instanceof AppError) await forget();
    throw thrown;
  }
  if (ran.isFinal) await keep(edge, call, ran).catch(() => {});
  else await forget();
  return ran.result;
}

async function keep(edge: WithStore, call: KeyedCall, { result: { kind, members, meta } }: Ran): Promise<void> {
  const recordId = recordIdOf(call);
  const record: DoneRecord = {
    ...{ state: 'done', argumentsDigest: argumentsDigestOf(call), members },
    kind: kind === 'task' ? kind : 'complete',
    ...(meta === undefined ? {} : { meta }),
  };
  const running = await edge.store.getRecord('idempotency', recordId);
  if (running !== undefined) {
    await edge.store.replaceRecord('idempotency', recordId, running.version, record as Json, KEPT_MS);
  }
}

/** Undefined when the first call has left nothing behind, so that the key is free again. */
async function awaitFirst(
  edge: WithStore,
  call: KeyedCall,
  first: Json,
  giveUpAt: number,
): Promise<Result | undefined> {
  const { signal } = call.request;
  let record = recordSchema.safeParse(first).data;
  for (let waitMs = POLL_MS_MIN; ; waitMs = Math.min(waitMs * 2, POLL_MS_MAX)) {
    const leftMs = giveUpAt - Date.now();
    if (record?.state === 'done') return replay(call, record);
    const failure = failureOf(call, record, leftMs);
    if (failure !== undefined) return toFailedResult(failure);
    try {
      await delay(Math.min(waitMs, leftMs), undefined, { signal });
      const stored = await edge.store.getRecord('idempotency', recordIdOf(call));
      if (stored === undefined) return undefined;
      record = recordSchema.safeParse(stored.record).data;
    } catch (thrown) {
      const { code } = toAppError(signal.aborted ? signal.reason : thrown);
      return toFailedResult(failed('unknown', code, 'The first call with this idempotency key was not waited for'));
    }
  }
}

/** Why the first call is not waited for (any more). */
function failureOf(call: KeyedCall, record: KeyedRecord | undefined, leftMs: number): Failure | undefined {
  if (record !== undefined && record.argumentsDigest !== argumentsDigestOf(call)) return mismatch();
  if (record?.state !== 'running' || record.writtenBy < Date.now()) {
    return failed('unknown', 'worker_lost', 'What became of the first call with this idempotency key is not known');
  }
  if (leftMs > 0) return undefined;
  const message = 'The first call with this idempotency key is still running; repeat it later with the same key';
  return failed('unknown', 'deadline_exceeded', message);
}

function replay(call: KeyedCall, { argumentsDigest, kind, members, meta }: DoneRecord): Result {
  const isReadable = kind !== 'task' || call.request.client.knowsTasks;
  if (argumentsDigest !== argumentsDigestOf(call) || !isReadable) return toFailedResult(mismatch());
  return { kind, members, meta: { ...meta, [REPLAYED_META_KEY]: true } };
}

function mismatch(): Failure {
  const message = 'This idempotency key was used with other arguments; choose a new one for another call';
  return failed('not_started', 'idempotency_mismatch', message);
}

function toFailedResult(failure: Failure): Result {
  return { members: toToolResult({ outcome: failure, traceId: undefined }, { isKeyed: true }).members };
}

function toRunning(call: KeyedCall): KeyedRecord {
  const { target, request } = call;
  const askMs = target.asks && request.ask !== undefined ? ASK_MS_MAX : 0;
  const writtenBy = Date.now() + target.deadlineMs + askMs + WRITTEN_MS_AFTER_DEADLINE;
  return { state: 'running', argumentsDigest: argumentsDigestOf(call), writtenBy };
}

function recordIdOf({ request: { server, principal }, target, key }: KeyedCall): string {
  const { workspaceId, serverId } = server.manifest;
  return JSON.stringify([workspaceId, serverId, target.name, principalIdOf(principal), key]);
}

function argumentsDigestOf({ request }: KeyedCall): string {
  return digestOf((request.params['arguments'] ?? {}) as Json);
}
