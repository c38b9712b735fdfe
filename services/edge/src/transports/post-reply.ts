import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReplyChannel } from '../protocol/reply.ts';
import { accepts } from './accepts.ts';
import { sendJson } from './answers.ts';
import { type EventStream, openEventStream } from './event-stream.ts';
import type { StreamLog } from './stream-log.ts';

/**
 * A request that takes longer than this is answered with a stream, if its client accepts one, to keep proxies from
 * closing the connection.
 */
const STREAM_AFTER_MS = 15_000;

/**
 * Answers a POST with one JSON body, or with a stream as soon as something has to be sent before the answer. `openLog`
 * is called when a stream begins.
 */
export function createPostReply(
  request: IncomingMessage,
  response: ServerResponse,
  openLog: (onResumed: () => void) => StreamLog | undefined = () => undefined,
): ReplyChannel {
  const accept = request.headers.accept ?? '';
  const canStream = accepts(accept, 'text/event-stream');
  const isStreamWanted = canStream && !accepts(accept, 'application/json') && !accepts(accept, '*/*');
  const gone = new AbortController();
  let stream: EventStream | undefined;
  let log: StreamLog | undefined;

  const timer = canStream ? setTimeout(() => openStream(), STREAM_AFTER_MS) : undefined;
  const onClose = () => {
    clearTimeout(timer);
    if (!response.writableFinished) gone.abort();
  };
  if (response.destroyed) onClose();
  else response.once('close', onClose);

  function openStream(headers?: Record<string, string>): EventStream {
    if (stream !== undefined) return stream;
    clearTimeout(timer);
    stream = openEventStream(response, headers);
    // A client that disconnected before the stream began has no event to resume from.
    log = response.destroyed ? undefined : openLog(stream.end);
    if (log !== undefined) response.once('close', log.release);
    if (log?.primer !== undefined) stream.send(log.primer);
    return stream;
  }

  function sendEvent(data: string, isLast: boolean, headers?: Record<string, string>): void {
    const open = openStream(headers);
    open.send(log === undefined ? { data } : { data, id: log.append(data, isLast) });
    if (isLast) open.end();
  }

  return {
    send: canStream ? (message) => sendEvent(message, false) : undefined,
    gone: gone.signal,
    mustAnswer: true,
    answer(status, body, headers) {
      clearTimeout(timer);
      if (stream !== undefined || (isStreamWanted && status === 200)) sendEvent(body.toString(), true, headers);
      else if (!response.destroyed)
        sendJson(response, status, body, { ...(status === 429 ? { 'retry-after': '1' } : {}), ...headers });
    },
    accept() {
      clearTimeout(timer);
      response.writeHead(202).end();
    },
  };
}
