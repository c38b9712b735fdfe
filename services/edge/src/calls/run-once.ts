import { AppError, failed, toAppError } from '@toolplane/contracts';
import { organizationOf } from '../callers/principal.ts';
import type { Edge } from '../edge.ts';
import type { HostedServer } from '../manifests/hosted-server.ts';
import { McpError } from '../protocol/mcp-error.ts';
import { NOT_KEPT_META_KEY } from '../protocol/protocol.ts';
import type { Result, TextResult } from '../protocol/result.ts';
import { retryInBackground } from '../retry-in-background.ts';
import { awaitFirst, toFailedResult } from './await-first.ts';
import { ASK_MS_MAX } from './bounded-wait.ts';
import type { FoundBy } from './call-span.ts';
import type { Held } from './held.ts';
import {
  acquireKey,
  type KeyedAttempt,
  type KeyedCall,
  releaseKey,
  type StoredKey,
  storeResult,
  toAttempt,
  writtenBy,
} from './keyed-records.ts';

/*
 * Idempotency keys follow the rules that Stripe established. The record of a key is made before the call and holds its
 * result afterwards. Nothing runs without the record: a client that requests this protection gets it or an error.
 */

/**
 * `isFinal`: something was or may have been executed, so its key must not run it again. `isHeld`: likewise, but the
 * result is still to come, perhaps at another edge. `isFoundLater`: this edge did not wait for the end.
 */
export type RunResult = {
  result: TextResult;
  isFinal: boolean;
  isHeld?: boolean;
  isFoundLater?: boolean;
} & Partial<FoundBy>;

type Run = (own: KeyedAttempt) => Promise<RunResult>;

/**
 * Runs a call unless its key was used. In that case, returns the result of the first call, waiting for it if necessary.
 */
export async function runOnce(edge: Pick<Edge, 'store' | 'stopping'>, call: KeyedCall, run: Run): Promise<Result> {
  const giveUpAt = Date.now() + call.target.deadlineMs;
  const attempt = toAttempt(call);
  for (;;) {
    let own = attempt;
    let first: StoredKey | undefined;
    try {
      own = { ...attempt, call: call.findable?.describe() };
      first = await acquireKey(edge, own, writtenBy(call.target, askMsOf(call)));
    } catch (thrown) {
      // The record may have been written despite the error.
      void retryInBackground(() => releaseKey(edge, attempt));
      const { code, message } = toAppError(thrown);
      const isAway = code === 'queue_unavailable';
      const why = isAway ? 'The idempotency key cannot be looked up right now' : message;
      const failure = failed('not_started', code, why);
      call.onRefused?.(failure);
      return toFailedResult(failure);
    }
    if (first === undefined) return runFirst(edge, own, run);
    const result = await awaitFirst(edge, call, own, first, giveUpAt);
    if (result !== undefined) return result;
  }
}

/** Continues a call that has begun. If it has an idempotency key, it already holds that key. */
export async function runHeld(
  edge: Pick<Edge, 'store'>,
  { manifest }: HostedServer,
  { keyed }: Held,
  run: () => Promise<RunResult>,
): Promise<Result> {
  const { result, isFinal, traceparent } = await run();
  if (!isFinal || keyed === undefined) return result;
  return storeAndReport(edge, { ...keyed, organizationId: organizationOf(manifest) }, result, traceparent);
}

/**
 * Runs the first call with a key. If the call leaves its record unchanged, the key later reports that the outcome is
 * unknown.
 */
async function runFirst(edge: Pick<Edge, 'store'>, own: KeyedAttempt, run: Run): Promise<Result> {
  let ended: RunResult;
  try {
    ended = await run(own);
  } catch (thrown) {
    // Errors that are thrown deliberately are thrown before anything is executed.
    if (thrown instanceof McpError || thrown instanceof AppError) await retryInBackground(() => releaseKey(edge, own));
    throw thrown;
  }
  const { result, isFinal, isHeld, isFoundLater, traceparent } = ended;
  // A repeated call may find the outcome of the recorded call.
  if (isHeld || (isFoundLater && own.call !== undefined)) return result;
  if (isFinal) return storeAndReport(edge, own, result, traceparent);
  await retryInBackground(() => releaseKey(edge, own));
  return result;
}

/**
 * Stores the result and notifies the caller if it could not be stored, because repeating the call with its key would
 * not return it again.
 */
async function storeAndReport(
  edge: Pick<Edge, 'store'>,
  own: KeyedAttempt,
  result: TextResult,
  traceparent: string | undefined,
): Promise<Result> {
  let isKept = true;
  await retryInBackground(async () => {
    isKept = await storeResult(edge, own, result, traceparent);
  });
  return isKept ? result : { ...result, meta: { ...result.meta, [NOT_KEPT_META_KEY]: true } };
}

/** The extra time for the first round of questions. Each further round renews the key. */
function askMsOf({ target, request }: KeyedCall): number {
  return target.asks && request.ask !== undefined ? ASK_MS_MAX : 0;
}
