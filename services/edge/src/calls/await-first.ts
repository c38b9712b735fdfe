import { setTimeout as delay } from 'node:timers/promises';
import type { Span } from '@opentelemetry/api';
import { attributes, type ErrorCode, type Failure, failed, toAppError } from '@toolplane/contracts';
import { toLinks } from '@toolplane/service-kit';
import { readTrace } from '../callers/trace-carrier.ts';
import type { Edge } from '../edge.ts';
import { REPLAYED_META_KEY, TASKS_EXTENSION } from '../protocol/protocol.ts';
import type { Result } from '../protocol/result.ts';
import { endCallSpan, startCallSpan } from './call-span.ts';
import {
  type Attempt,
  type DoneRecord,
  type KeyedCall,
  type KeyedRecord,
  RAN_IN,
  readKey,
  type StoredKey,
} from './keyed-records.ts';
import { startPatience } from './patience.ts';
import { loadTask } from './task-store.ts';
import { toToolResult } from './tool-result.ts';

const POLL_MS_MIN = 50;
const POLL_MS_MAX = 1000;

/**
 * The result of the first call with a key; undefined when it has left nothing behind, so that the key is free again.
 * Its span has a link to the span of the call that ran.
 */
export async function awaitFirst(
  edge: Pick<Edge, 'store' | 'stopping'>,
  call: KeyedCall,
  own: Attempt,
  first: StoredKey,
  giveUpAt: number,
): Promise<Result | undefined> {
  const { request, target } = call;
  const { method, server, protocolVersion } = request;
  const span = startCallSpan({ method, server, protocolVersion, name: target.name, trace: readTrace(request) });
  const awaited = await waitForFirst(edge, call, own, { first, giveUpAt });
  tellRanIn(span, awaited);
  endCallSpan(span, { outcome: awaited?.code === undefined ? 'done' : 'unknown', code: awaited?.code });
  return awaited?.result;
}

/** `ranIn`: the span of the call that produced the result. */
type Awaited = { result: Result; code?: ErrorCode; ranIn?: unknown };

function tellRanIn(span: Span, awaited: Awaited | undefined): void {
  if (awaited === undefined || awaited.code !== undefined) return;
  span.setAttribute(attributes.isReplayed, true);
  if (typeof awaited.ranIn === 'string') span.addLinks(toLinks({ traceparent: awaited.ranIn }));
}

async function waitForFirst(
  edge: Pick<Edge, 'store' | 'stopping'>,
  call: KeyedCall,
  own: Attempt,
  { first, giveUpAt }: { first: StoredKey; giveUpAt: number },
): Promise<Awaited | undefined> {
  using patience = startPatience(edge, call.request);
  const { signal } = patience;
  let there: StoredKey | undefined = first;
  try {
    for (let waitMs = POLL_MS_MIN; ; waitMs = Math.min(waitMs * 2, POLL_MS_MAX)) {
      const leftMs = giveUpAt - Date.now();
      const failure = failureOf(own, there.record, leftMs);
      if (failure !== undefined) return toAwaited(failure);
      if (there.record?.state === 'done') return await replay(edge, call, there.record);
      await delay(Math.min(waitMs, leftMs), undefined, { signal });
      there = await readKey(edge, own);
      if (there === undefined) return undefined;
    }
  } catch (thrown) {
    const { code } = toAppError(signal.aborted ? signal.reason : thrown);
    return toAwaited(failed('unknown', code, 'The wait for the first call with this idempotency key was stopped'));
  }
}

export function toFailedResult(failure: Failure): { members: string } {
  return { members: toToolResult({ outcome: failure, traceId: undefined }, { isKeyed: true }).members };
}

function toAwaited(failure: Failure): Awaited {
  return { result: toFailedResult(failure), code: failure.error.code };
}

/** Why the first call is not waited for, or not any longer. */
function failureOf({ requestDigest }: Attempt, record: KeyedRecord | undefined, leftMs: number): Failure | undefined {
  if (record !== undefined && record.requestDigest !== requestDigest) return mismatch();
  if (record?.state === 'done') return undefined;
  if (record === undefined || record.writtenBy < Date.now()) {
    return failed('unknown', 'worker_lost', 'The outcome of the first call with this idempotency key is unknown');
  }
  if (leftMs > 0) return undefined;
  const message = 'The first call with this idempotency key has no result yet; repeat it later with the same key';
  return failed('unknown', 'deadline_exceeded', message);
}

async function replay(
  edge: Pick<Edge, 'store'>,
  { request }: KeyedCall,
  { kind, members, meta: { [RAN_IN]: ranIn, ...meta } = {} }: DoneRecord,
): Promise<Awaited> {
  const replayed = { ...meta, [REPLAYED_META_KEY]: true };
  if (members === undefined) {
    const message = 'The first call with this idempotency key has ended, but its result is too large to store';
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

/** With another key it would run once more. */
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
