import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { EdgeStore } from '@toolplane/bus';
import type { Edge } from '../edge.ts';
import type { ReplyChannel } from '../protocol/reply.ts';
import { publishSignal, type SessionSignal } from '../sessions/session-signals.ts';

/**
 * How long an edge tries to reach the edge that holds the stream: to send a message, and to report that a message was
 * lost.
 */
type RetryLimits = { messageMs: number; lossMs: number };
const retryLimits: RetryLimits = { messageMs: 10_000, lossMs: 5 * 60_000 };
const RETRY_MS_MIN = 50;
const RETRY_MS_MAX = 1000;

/**
 * The reply channel to a client of the legacy SSE transport, whose stream may be held by another edge. Messages arrive
 * once and in order. A message that cannot be delivered in time ends the stream, so that nobody waits for it in vain.
 */
export function createLegacyReply(
  { store, legacyStreams }: Pick<Edge, 'store' | 'legacyStreams'>,
  sessionId: string,
  { messageMs, lossMs }: RetryLimits = retryLimits,
): ReplyChannel {
  let isLost = false;
  let sent = Promise.resolve();

  async function deliver(message: string): Promise<void> {
    if (isLost) return;
    const signal: SessionSignal = { kind: 'message', id: randomUUID(), message };
    isLost = !(await sendUntilReceived(store, sessionId, signal, messageMs));
    if (isLost) void sendUntilReceived(store, sessionId, { kind: 'ended' }, lossMs);
  }

  function send(message: string): void {
    const sendHere = legacyStreams.get(sessionId);
    if (sendHere === undefined) sent = sent.then(() => deliver(message));
    else sendHere(message);
  }

  return {
    send,
    // For legacy clients, a closed stream cancels nothing.
    gone: new AbortController().signal,
    // The POST was already answered with 202.
    mustAnswer: false,
    answer: (_status, body) => send(body.toString()),
    accept() {},
  };
}

/**
 * Sends a signal until an edge receives it. Also returns true if the session has ended, so that no receiver is left.
 */
async function sendUntilReceived(
  store: EdgeStore,
  sessionId: string,
  signal: SessionSignal,
  msMax: number,
): Promise<boolean> {
  const giveUpAt = Date.now() + msMax;
  for (let waitMs = RETRY_MS_MIN; ; waitMs = Math.min(waitMs * 2, RETRY_MS_MAX)) {
    // There may be no listener for a moment, while the edge that holds the stream reconnects to Redis.
    if ((await publishSignal(store, sessionId, signal).catch(() => 0)) > 0) return true;
    if ((await store.getSession(sessionId)).isEnded) return true;
    if (Date.now() + waitMs > giveUpAt) return false;
    await delay(waitMs, undefined, { ref: false });
  }
}
