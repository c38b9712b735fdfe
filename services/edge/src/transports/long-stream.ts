import type { ServerResponse } from 'node:http';
import type { Principal } from '../callers/principal.ts';
import type { Edge } from '../edge.ts';
import type { HostedServer } from '../manifests/hosted-server.ts';
import type { ServerListener } from '../policies/watch-server.ts';
import { type EventStream, openEventStream } from './event-stream.ts';

/** What streams use of the edge. */
export type StreamParts = Pick<Edge, 'openStreams' | 'watchServer'>;

/** The client of a stream. */
export type StreamOwner = { server: HostedServer; principal: Principal };

export type LongStream = EventStream & {
  /** Registers a function that is called once when the stream ends, or immediately if it has already ended. */
  onEnd(listener: () => void): void;
};

/**
 * Answers a GET with events until the client disconnects, this edge stops, or the server or the right to use it is
 * gone. Throws `rate_limited` if the caller has too many streams.
 */
export function openLongStream(
  { openStreams, watchServer }: StreamParts,
  owner: StreamOwner,
  response: ServerResponse,
  onChange?: ServerListener['onChange'],
): LongStream {
  const release = openStreams.acquire(owner.principal, owner.server.manifest);
  if (response.destroyed) release();
  else response.once('close', release);
  const stream = openEventStream(response);
  const ending = new DisposableStack();
  const end = () => ending.dispose();
  ending.defer(stream.end);
  ending.defer(watchServer({ ...owner, ...(onChange === undefined ? {} : { onChange }), onEnd: end }));
  if (response.destroyed) end();
  else response.once('close', end);
  return {
    send: stream.send,
    end,
    onEnd(listener) {
      if (ending.disposed) listener();
      else ending.defer(listener);
    },
  };
}
