import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';

/** One of the server-sent events of WHATWG HTML. Neither `id` nor `event` has a line break. */
export type ServerSentEvent = { id?: string; event?: string; data: string };

/**
 * Body of an answer that goes on: events as they come, until there are no more or the client is gone. An event is asked
 * for when the one before is on its way, so a slow client holds nothing back but itself.
 */
export class EventStream {
  /** The signal fires when nobody reads any longer. */
  readonly follow: (signal: AbortSignal) => AsyncIterable<ServerSentEvent>;

  constructor(follow: (signal: AbortSignal) => AsyncIterable<ServerSentEvent>) {
    this.follow = follow;
  }
}

export const eventStreamSchema = z.instanceof(EventStream).meta({ type: 'string' });

/** Proxies close connections on which nothing comes; many after half a minute or a whole one. */
const KEEP_ALIVE_MS = 15_000;
/** A client that has not taken what it was sent for so long is let go of. */
export const STUCK_MS_MAX = 30_000;

/** Sends the head at once, and ends the response with the stream. */
export async function sendEvents(
  res: ServerResponse,
  { follow }: EventStream,
  { keepAliveMs = KEEP_ALIVE_MS, stuckMsMax = STUCK_MS_MAX } = {},
): Promise<void> {
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  if (res.destroyed) gone.abort();
  // Without the last one, some proxies keep events back until there are many.
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
    // The head is sent, so a connection that breaks off is the only way to say it.
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

/** False when the client is gone or does not read. */
function drained(res: ServerResponse, gone: AbortSignal, stuckMsMax: number): Promise<boolean> {
  return once(res, 'drain', { signal: AbortSignal.any([gone, AbortSignal.timeout(stuckMsMax)]) }).then(
    () => true,
    () => false,
  );
}
