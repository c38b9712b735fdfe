import { randomBytes } from 'node:crypto';
import { type ByteAccount, type EdgeStore, STREAM_EVENT_BYTES_MAX } from '@toolplane/bus';
import { AppError, planLimits } from '@toolplane/contracts';
import { ASK_MS_MAX } from '../calls/bounded-wait.ts';
import { errorText, toMcpError } from '../protocol/rpc-text.ts';
import { listenForSignals } from '../sessions/session-signals.ts';
import { agreedVersion, type LiveSession } from '../sessions/sessions.ts';

const MARGIN_MS = 60_000;
/**
 * How long a log is stored after its last event. A call is silent while a person decides and then while it runs; its
 * log must not expire before it ends.
 */
const KEPT_MS = ASK_MS_MAX + planLimits.deadlineMsMax + MARGIN_MS;
const RETRY_MS = 2000;

/** The stored events of the stream of a POST, for a client that loses it. */
export type StreamLog = {
  /** Sent before the first event, so that a client can resume from the start. */
  readonly primer: { data: string; id: string; retryMs: number } | undefined;
  /** Stores an event and returns its id. Neither waits nor fails: a stream without a log is still a stream. */
  append(message: string, isLast: boolean): string;
  /** Called when the connection is closed. */
  release(): void;
};

/**
 * Returns whether a client understands priming events. A client of an earlier version regards an event without data as
 * a broken message.
 */
export function supportsPrimers(live: LiveSession): boolean {
  return agreedVersion(live) >= '2025-11-25';
}

/**
 * `onResumed` is called when the client has another connection for this stream; then nothing more may be sent on this
 * one.
 */
export function openStreamLog(
  store: EdgeStore,
  live: LiveSession,
  account: ByteAccount,
  onResumed: () => void,
): StreamLog {
  const streamId = randomBytes(16).toString('base64url');
  const logKey = logKeyOf(live, streamId);
  const listening = listenForSignals(store, live.session.id, (signal) => {
    if (signal.kind === 'resumed' && signal.streamId === streamId) onResumed();
  }).catch(() => () => {});
  let count = 0;
  let isKept = true;
  let written = Promise.resolve();

  function append(message: string, isLast: boolean): string {
    const seq = ++count;
    const kept = toKept(message, isLast);
    // A missing event would shift the ids of later events, so nothing is stored after it.
    written = written.then(async () => {
      if (!isKept) return;
      const last = await store.appendEvent(logKey, { message: kept, isLast }, KEPT_MS, account).catch(() => 0);
      isKept = last === seq;
    });
    return toEventId(streamId, seq);
  }

  // The first event stands for the beginning of the stream: from now on, all edges know the stream.
  const id = append('', false);
  return {
    primer: supportsPrimers(live) ? { data: '', id, retryMs: RETRY_MS } : undefined,
    append,
    release: () => void listening.then((stop) => stop()),
  };
}

/** An event that is too large to store is omitted, and a client that comes back for an answer is notified of that. */
function toKept(message: string, isLast: boolean): string {
  if (Buffer.byteLength(message) <= STREAM_EVENT_BYTES_MAX) return message;
  if (!isLast) return '';
  const answer = JSON.parse(message) as Answer | Answer[];
  return Array.isArray(answer) ? `[${answer.map(toTooLarge).join(',')}]` : toTooLarge(answer);
}

type Answer = { id: string | number | null };

function toTooLarge({ id }: Answer): string {
  const text = 'The request was answered, but the answer is too large to store for resuming a broken connection';
  return errorText(id, toMcpError(new AppError('output_too_large', text)));
}

/** The log of a stream is stored under the id of its session, so no other session gives access to it. */
export const logKeyOf = ({ session }: LiveSession, streamId: string) => `${session.id} ${streamId}`;
export const toEventId = (streamId: string, seq: number) => `${streamId}:${seq}`;
