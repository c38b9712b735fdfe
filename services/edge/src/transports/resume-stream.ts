import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { EdgeStore } from '@toolplane/bus';
import { AppError } from '@toolplane/contracts';
import type { Edge } from '../edge.ts';
import { listenForSignals, publishSignal, type SessionSignal } from '../sessions/session-signals.ts';
import type { LiveSession } from '../sessions/sessions.ts';
import { type LongStream, openLongStream, type StreamOwner, type StreamParts } from './long-stream.ts';
import { logKeyOf, supportsPrimers, toEventId } from './stream-log.ts';

const EVENT_ID = /^([\w-]{22}):(\d{1,9})$/;
/** The check interval, to detect what no edge announces: the writing edge is gone, and its log with it. */
const POLL_MS = 30_000;

/**
 * Continues the stream of a POST, at any edge, after the event that its client received last. If a stream has nothing
 * left to send or is unknown, throws `method_not_allowed`, after which clients give up the request. After 404 they
 * would have to give up the session, and they would open an empty stream again and again (MCP SDK v1 and v2).
 */
export async function resumeStream(
  edge: StreamParts & Pick<Edge, 'store'>,
  owner: StreamOwner,
  live: LiveSession,
  response: ServerResponse,
  { streamId, seq }: { streamId: string; seq: number },
): Promise<void> {
  const logKey = logKeyOf(live, streamId);
  if (!(await hasMore(edge.store, logKey, seq))) {
    throw new AppError('method_not_allowed', 'This stream has nothing left to send');
  }
  const stream = openLongStream(edge, owner, response);
  // A client that also loses this connection before anything arrives can still say where to continue.
  if (supportsPrimers(live)) stream.send({ data: '', id: toEventId(streamId, seq) });
  const own: SessionSignal = { kind: 'resumed', streamId, by: randomUUID() };
  let isNewest = false;
  const onSignal = (signal: SessionSignal) => {
    if (signal.kind === 'ended') stream.end();
    else if (signal.kind !== 'resumed' || signal.streamId !== streamId) return;
    else if (signal.by === own.by) isNewest = true;
    else if (isNewest) stream.end();
  };
  stream.onEnd(await listenForSignals(edge.store, live.session.id, onSignal));
  // Nothing may be sent on two streams, so earlier connections end.
  await publishSignal(edge.store, live.session.id, own).catch(() => {});
  await follow(edge.store, logKey, seq, stream, (sent) => toEventId(streamId, sent));
}

/**
 * Returns whether a stream has more to send. An event is sent to its client and to the log at the same time, so a fast
 * client may name an event that the log does not contain yet.
 */
async function hasMore(store: EdgeStore, logKey: string, seq: number): Promise<boolean> {
  const events = await store.readEvents(logKey, seq - 1);
  const last = events?.length === 0 ? (await store.readEvents(logKey, 0))?.at(-1) : events?.at(-1);
  return last !== undefined && !(last.isLast && last.seq <= seq);
}

async function follow(
  store: EdgeStore,
  logKey: string,
  afterSeq: number,
  stream: LongStream,
  idOf: (seq: number) => string,
): Promise<void> {
  let sent = afterSeq;
  let reading = Promise.resolve();

  async function sendMore(): Promise<void> {
    const events = await store.readEvents(logKey, sent).catch(() => []);
    // The edge that should have written more is gone, and its last log entry has expired.
    if (events === undefined) return stream.end();
    for (const { seq, message, isLast } of events) {
      sent = seq;
      if (message !== '') stream.send({ data: message, id: idOf(seq) });
      if (isLast) stream.end();
    }
  }

  const poll = () => {
    reading = reading.then(sendMore);
  };
  stream.onEnd(await store.followStream(logKey, poll));
  const timer = setInterval(poll, POLL_MS);
  stream.onEnd(() => clearInterval(timer));
  poll();
}

/** Returns undefined for the id of an event that was not on the stream of a POST. */
export function readEventId(lastEventId: string | undefined): { streamId: string; seq: number } | undefined {
  const [, streamId, seq] = EVENT_ID.exec(lastEventId ?? '') ?? [];
  return streamId === undefined ? undefined : { streamId, seq: Number(seq) };
}
