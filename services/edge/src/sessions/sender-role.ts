import { randomUUID } from 'node:crypto';
import type { EdgeStore } from '@toolplane/bus';
import { listenForSignals, publishSignal, type SessionSignal } from './session-signals.ts';

/** The check interval. A sending stream that gives no sign of life for three intervals is considered gone. */
const CHECK_MS = 10_000;
/**
 * The maximum of the random delay before an idle stream claims the role of the sender, so that one claim arrives before
 * all of them are made.
 */
const CLAIM_MS_MAX = 100;

/** A stream of a session. Only one stream of the session may send notifications. */
export type SenderCandidate = {
  /**
   * Returns a mark of what the client has received, from this stream or from the one that was the sender in the
   * meantime.
   */
  mark(): string;
  /** Called when this stream becomes the sender again. Changes since `mark` may not have been reported. */
  onSender(mark: string): void;
  onEnded(): void;
};

export type SenderRole = {
  isOurs(): boolean;
  /** Gives up the role when the stream has ended. */
  release(): void;
};

/**
 * Lets the streams of one session agree on the one that sends. All of them receive the same signals in the same order.
 * The newest stream takes the role of the sender from its holder (`taken`). When the holder closes (`released`), the
 * first of the other streams to claim the role has it (`claimed`). An idle stream asks for the holder now and then
 * (`sought`), because an edge may crash, and the holder answers (`held`). While Redis is unavailable, no stream
 * receives the signals of the others, and several may send.
 */
export async function claimSenderRole(
  store: EdgeStore,
  sessionId: string,
  candidate: SenderCandidate,
  checkMs = CHECK_MS,
): Promise<SenderRole> {
  const ownId = randomUUID();
  let senderId: string | undefined = ownId;
  /** The mark of the moment when the sender last changed. */
  let mark = candidate.mark();
  /** The sender gave a sign of life since the last check. */
  let hasShownLife = true;
  let isSought = false;
  /** Our own `taken` has come back; signals that others sent before it no longer apply. */
  let isKnown = false;
  let isOver = false;

  const report = (signal: SessionSignal) =>
    publishSignal(store, sessionId, signal).then(
      () => true,
      () => false,
    );

  function follow(by: string): void {
    const wasSilent = senderId !== ownId;
    senderId = by;
    isKnown = true;
    hasShownLife = true;
    if (by !== ownId) mark = candidate.mark();
    else if (wasSilent) candidate.onSender(mark);
  }

  function onSignal(signal: SessionSignal): void {
    if (signal.kind === 'ended') candidate.onEnded();
    else if (signal.kind === 'taken' && (isKnown || signal.by === ownId)) follow(signal.by);
    else if (!isKnown) return;
    // If two streams both hold the role, each ignores the other's `held`, so that not both give it up. When they
    // receive each other's signals again, one of them takes the role again.
    else if (signal.kind === 'held' && senderId !== ownId && signal.by !== ownId) follow(signal.by);
    else if (signal.kind === 'sought' && senderId === ownId) void report({ kind: 'held', by: ownId });
    else if (signal.kind === 'released' && signal.by === senderId) onReleased(signal.mark);
    else if (signal.kind === 'claimed' && senderId === undefined) follow(signal.by);
  }

  function onReleased(at: string): void {
    senderId = undefined;
    mark = at;
    setTimeout(claim, Math.random() * CLAIM_MS_MAX).unref();
  }

  function claim(): void {
    if (senderId === undefined && !isOver) void report({ kind: 'claimed', by: ownId });
  }

  async function check(): Promise<void> {
    if (!isKnown) await report({ kind: 'taken', by: ownId });
    else if (senderId === ownId) return;
    else if (hasShownLife) {
      hasShownLife = false;
      isSought = false;
    } else if (!isSought) isSought = await report({ kind: 'sought' });
    else if (senderId === undefined) claim();
    else void report({ kind: 'released', by: senderId, mark });
  }

  const stop = await listenForSignals(store, sessionId, onSignal, () => {
    if (senderId === ownId) isKnown = false;
    void check();
  });
  const timer = setInterval(() => void check(), checkMs).unref();
  await check();

  return {
    isOurs: () => senderId === ownId,
    release() {
      if (isOver) return;
      isOver = true;
      clearInterval(timer);
      stop();
      if (senderId === ownId) void report({ kind: 'released', by: ownId, mark: candidate.mark() });
    },
  };
}
