import { setTimeout as delay } from 'node:timers/promises';
import type { Span } from '@opentelemetry/api';
import { attributes, type ErrorCode, type Failure, failed, toAppError } from '@toolplane/contracts';
import { toLinks } from '@toolplane/service-kit';
import { readTrace } from '../callers/trace-carrier.ts';
import type { Edge } from '../edge.ts';
import { REPLAYED_META_KEY, TASKS_EXTENSION } from '../protocol/protocol.ts';
import type { Result } from '../protocol/result.ts';
import { retryInBackground } from '../retry-in-background.ts';
import { startBoundedWait } from './bounded-wait.ts';
import { endCallSpan, startCallSpan } from './call-span.ts';
import {
  type DoneRecord,
  type KeyedAttempt,
  type KeyedCall,
  type KeyedRecord,
  RAN_IN,
  readKey,
  readLargeResult,
  releaseKey,
  type StoredKey,
  storeResult,
} from './keyed-records.ts';
import { loadTask } from './task-store.ts';
import { toToolResult } from './tool-result.ts';

const POLL_MS_MIN = 50;
const POLL_MS_MAX = 1000;

/**
 * Returns the result of the first call with a key, or undefined if that call has left no record, so that the key is
 * free again. The span of this wait has a link to the span of the call that ran.
 */
export async function awaitFirst(
  edge: Pick<Edge, 'store' | 'stopping'>,
  call: KeyedCall,
  own: KeyedAttempt,
  first: StoredKey,
  giveUpAt: number,
): Promise<Result | undefined> {
  const { request, target } = call;
  const { method, server, protocolVersion } = request;
  const span = startCallSpan({ method, server, protocolVersion, name: target.name, trace: readTrace(request) });
  const awaited = await waitForFirst(edge, call, own, { first, giveUpAt });
  recordFirstRun(span, awaited);
  endCallSpan(span, { outcome: awaited?.code === undefined ? 'done' : 'unknown', code: awaited?.code });
  return awaited?.result;
}

/** `ranIn` is the span of the call that produced the result. */
type Awaited = { result: Result; code?: ErrorCode; ranIn?: unknown };

function recordFirstRun(span: Span, awaited: Awaited | undefined): void {
  if (awaited === undefined || awaited.code !== undefined) return;
  span.setAttribute(attributes.isReplayed, true);
  if (typeof awaited.ranIn === 'string') span.addLinks(toLinks({ traceparent: awaited.ranIn }));
}

async function waitForFirst(
  edge: Pick<Edge, 'store' | 'stopping'>,
  call: KeyedCall,
  own: KeyedAttempt,
  { first, giveUpAt }: { first: StoredKey; giveUpAt: number },
): Promise<Awaited | undefined> {
  using boundedWait = startBoundedWait(edge, call.request);
  const { signal } = boundedWait;
  const since = Date.now();
  let there: StoredKey | undefined = first;
  try {
    for (let waitMs = POLL_MS_MIN; ; waitMs = Math.min(waitMs * 2, POLL_MS_MAX)) {
      const leftMs = giveUpAt - Date.now();
      const isOverdue = Date.now() - since >= WRITING_MS;
      const found = isOverdue || isLate(there.record) ? await findEnd(edge, call, own, there.record) : undefined;
      if (found !== undefined) return found === 'free' ? undefined : found;
      const failure = failureOf(own, there.record, leftMs);
      if (failure !== undefined) return toAwaited(failure);
      if (there.record?.state === 'done') return await replay(edge, call, own, there.record);
      await delay(Math.min(waitMs, leftMs), undefined, { signal });
      there = await readKey(edge, own);
      if (there === undefined) return undefined;
    }
  } catch (thrown) {
    const { code } = toAppError(signal.aborted ? signal.reason : thrown);
    return toAwaited(failed('unknown', code, 'The wait for the first call with this idempotency key was stopped'));
  }
}

/**
 * An edge writes a result as soon as it has one. Only after this long does another edge check whether that edge is
 * gone.
 */
const WRITING_MS = 1000;

/**
 * Finds out how a first call has ended if its edge, which may be lost, has not written the result. Returns `free` if
 * the call did not start, so the key may be used to run it again, and undefined if nothing is known.
 */
async function findEnd(
  edge: Pick<Edge, 'store'>,
  { findable }: KeyedCall,
  { recordId, organizationId, requestDigest }: KeyedAttempt,
  record: KeyedRecord | undefined,
): Promise<Awaited | 'free' | undefined> {
  if (record?.state !== 'running' || record.requestDigest !== requestDigest) return undefined;
  const found = record.call && (await findable?.find(record.call));
  if (found?.state !== 'settled') return undefined;
  const { outcome, isReported } = found;
  const first = { recordId, organizationId, requestDigest, attempt: record.attempt };
  if (outcome.outcome === 'not_started') {
    await releaseKey(edge, first);
    return 'free';
  }
  if (!isReported || outcome.outcome === 'input_required') return undefined;
  const { members } = toToolResult({ outcome, traceId: undefined }, { isKeyed: true });
  await retryInBackground(async () => {
    await storeResult(edge, first, { members }, undefined);
  });
  return {
    result: { members, meta: { [REPLAYED_META_KEY]: true } },
    ...(outcome.outcome === 'unknown' ? { code: outcome.error.code } : {}),
  };
}

/** The edge of the first call will not write its result any more. */
function isLate(record: KeyedRecord | undefined): boolean {
  return record?.state === 'running' && record.writtenBy < Date.now();
}

export function toFailedResult(failure: Failure): { members: string } {
  return { members: toToolResult({ outcome: failure, traceId: undefined }, { isKeyed: true }).members };
}

function toAwaited(failure: Failure): Awaited {
  return { result: toFailedResult(failure), code: failure.error.code };
}

/** Returns the failure to report if the first call is not waited for, or no longer. */
function failureOf(
  { requestDigest }: KeyedAttempt,
  record: KeyedRecord | undefined,
  leftMs: number,
): Failure | undefined {
  if (record !== undefined && record.requestDigest !== requestDigest) return mismatch();
  if (record?.state === 'done') return undefined;
  if (record === undefined || isLate(record)) {
    return failed('unknown', 'worker_lost', 'The outcome of the first call with this idempotency key is unknown');
  }
  if (leftMs > 0) return undefined;
  const message = 'The first call with this idempotency key has no result yet; repeat it later with the same key';
  return failed('unknown', 'deadline_exceeded', message);
}

async function replay(
  edge: Pick<Edge, 'store'>,
  { request }: KeyedCall,
  own: KeyedAttempt,
  { kind, members: kept, meta: { [RAN_IN]: ranIn, ...meta } = {} }: DoneRecord,
): Promise<Awaited> {
  const replayed = { ...meta, [REPLAYED_META_KEY]: true };
  const members = kept ?? (await readLargeResult(edge, own));
  if (members === undefined) {
    const message =
      'The first call with this idempotency key has ended, but its result is too large to store, or is not stored any more';
    return { result: { ...toFailedResult(failed('done', 'output_too_large', message)), meta: replayed }, ranIn };
  }
  if (kind === 'task') {
    const { taskId } = JSON.parse(`{${members}}`) as { taskId: string };
    const task = await loadTask(edge, request, taskId);
    if (task === undefined) {
      const message = 'The first call with this idempotency key was a task that has ended and is no longer stored';
      return { result: { ...toFailedResult(failed('done', 'not_found', message)), meta: replayed }, ranIn };
    }
    if (!request.client.knowsTasks) return toAwaited(runsAsTask());
  }
  return { result: { kind, members, meta: replayed }, ranIn };
}

/**
 * The failure for a client that cannot read the task. It must not use another key, which would run the call once more.
 */
function runsAsTask(): Failure {
  const message =
    'The first call with this idempotency key runs as a task; repeat it with the capability for tasks to get its result';
  return failed('unknown', 'client_capability_missing', message, {
    details: { requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } },
  });
}

function mismatch(): Failure {
  const message = 'This idempotency key was used with other arguments or headers; use a new key for a different call';
  return failed('not_started', 'idempotency_mismatch', message);
}
