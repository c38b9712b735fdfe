import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';

/** A server-sent event of WHATWG HTML. Neither `id` nor `event` contains a line break. */
export type ServerSentEvent = { id?: string; event?: string; data: string };

/**
 * The body of an open-ended answer: events as they occur, until there are no more or the client has disconnected. The
 * next event is requested only when the previous one has been sent, so a slow client delays only itself.
 */
export class EventStreamBody {
  /** The signal is aborted when nobody reads any longer. */
  readonly follow: (signal: AbortSignal) => AsyncIterable<ServerSentEvent>;

  constructor(follow: (signal: AbortSignal) => AsyncIterable<ServerSentEvent>) {
    this.follow = follow;
  }
}

export const eventStreamSchema = z.instanceof(EventStreamBody).meta({ type: 'string' });

/** Proxies close idle connections, many of them after half a minute or a minute. */
const KEEP_ALIVE_MS = 15_000;
/** A client that has not read what it was sent for this long is disconnected. */
export const STUCK_MS_MAX = 30_000;

/** Sends the headers immediately, and ends the response with the stream. */
export async function sendEvents(
  res: ServerResponse,
  { follow }: EventStreamBody,
  { keepAliveMs = KEEP_ALIVE_MS, stuckMsMax = STUCK_MS_MAX } = {},
): Promise<void> {
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  if (res.destroyed) gone.abort();
  // Without the last header, some proxies hold events back until there are many.
  res.writeHead(res.statusCode, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  res.write(': connected\n\n');
  const keepAlive = setInterval(() => {
    if (!res.writableNeedDrain) res.write(': keep-alive\n\n');
  }, keepAliveMs);
  try {
    for await (const event of follow(gone.signal)) {
      if (!res.write(toText(event)) && !(await drained(res, gone.signal, stuckMsMax))) break;
    }
    if (res.writableNeedDrain) res.destroy();
    else res.end();
  } catch (error) {
    // The headers have been sent, so closing the connection is the only way to report the error.
    res.destroy();
    if (!gone.signal.aborted) throw error;
  } finally {
    clearInterval(keepAlive);
  }
}

function toText({ id, event, data }: ServerSentEvent): string {
  const lines = data.split(/\r\n|\r|\n/).map((line) => `data: ${line}\n`);
  return `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}${lines.join('')}\n`;
}

/** Resolves to false if the client has disconnected or does not read. */
function drained(res: ServerResponse, gone: AbortSignal, stuckMsMax: number): Promise<boolean> {
  return once(res, 'drain', { signal: AbortSignal.any([gone, AbortSignal.timeout(stuckMsMax)]) }).then(
    () => true,
    () => false,
  );
}
