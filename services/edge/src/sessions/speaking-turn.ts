import { randomUUID } from 'node:crypto';
import type { EdgeStore } from '@toolplane/bus';
import { listenForSignals, type SessionSignal, tellSignal } from './session-signals.ts';

/** A stream that speaks and is silent for three of these intervals is considered gone. */
const LOOK_MS = 10_000;
/** Silent streams wait for a random time before they claim, so that one claim is heard before all are made. */
const CLAIM_MS_MAX = 100;

/** A stream of a session; only one of them may speak. */
export type TurnTaker = {
  /** How much its client was told, by this stream or by the one that spoke in the meantime. */
  mark(): string;
  /** This stream speaks again: changes since `mark` may not have been reported. */
  onTurn(mark: string): void;
  onEnded(): void;
};

export type Turn = {
  isOurs(): boolean;
  /** The stream is over. */
  release(): void;
};

/**
 * The streams of one session agree on the one that speaks. All hear the same signals in the same order: the newest
 * takes the turn from its holder (`taken`); when that one closes (`released`), the first of the others to claim it has
 * it (`claimed`). A silent one asks now and then (`sought`), because an edge may crash, and is answered (`held`). While
 * Redis is away none hears the others, and several may speak.
 */
export async function takeTurn(store: EdgeStore, sessionId: string, taker: TurnTaker, lookMs = LOOK_MS): Promise<Turn> {
  const ownId = randomUUID();
  let speaker: string | undefined = ownId;
  /** The id of the stream that spoke last. */
  let mark = taker.mark();
  /** Since the last check. */
  let isHeardOf = true;
  let isSought = false;
  /** Our `taken` came back; what others said before it no longer holds. */
  let isKnown = false;
  let isOver = false;

  const tell = (signal: SessionSignal) =>
    tellSignal(store, sessionId, signal).then(
      () => true,
      () => false,
    );

  function follow(by: string): void {
    const wasSilent = speaker !== ownId;
    speaker = by;
    isKnown = true;
    isHeardOf = true;
    if (by !== ownId) mark = taker.mark();
    else if (wasSilent) taker.onTurn(mark);
  }

  function onSignal(signal: SessionSignal): void {
    if (signal.kind === 'ended') taker.onEnded();
    else if (signal.kind === 'taken' && (isKnown || signal.by === ownId)) follow(signal.by);
    else if (!isKnown) return;
    // Of two that both have a turn, not both give it up; when they hear each other again, one takes it anew.
    else if (signal.kind === 'held' && speaker !== ownId && signal.by !== ownId) follow(signal.by);
    else if (signal.kind === 'sought' && speaker === ownId) void tell({ kind: 'held', by: ownId });
    else if (signal.kind === 'released' && signal.by === speaker) onReleased(signal.mark);
    else if (signal.kind === 'claimed' && speaker === undefined) follow(signal.by);
  }

  function onReleased(at: string): void {
    speaker = undefined;
    mark = at;
    setTimeout(claim, Math.random() * CLAIM_MS_MAX).unref();
  }

  function claim(): void {
    if (speaker === undefined && !isOver) void tell({ kind: 'claimed', by: ownId });
  }

  async function look(): Promise<void> {
    if (!isKnown) await tell({ kind: 'taken', by: ownId });
    else if (speaker === ownId) return;
    else if (isHeardOf) {
      isHeardOf = false;
      isSought = false;
    } else if (!isSought) isSought = await tell({ kind: 'sought' });
    else if (speaker === undefined) claim();
    else void tell({ kind: 'released', by: speaker, mark });
  }

  const stop = await listenForSignals(store, sessionId, onSignal, () => {
    if (speaker === ownId) isKnown = false;
    void look();
  });
  const timer = setInterval(() => void look(), lookMs).unref();
  await look();

  return {
    isOurs: () => speaker === ownId,
    release() {
      if (isOver) return;
      isOver = true;
      clearInterval(timer);
      stop();
      if (speaker === ownId) void tell({ kind: 'released', by: ownId, mark: taker.mark() });
    },
  };
}
