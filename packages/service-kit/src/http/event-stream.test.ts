import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { type ReadEvent, readServerSentEvents } from '@toolplane/loopback/read-server-sent-events';
import { EventStreamBody, type ServerSentEvent, sendEvents } from './event-stream.ts';

type Follow = EventStreamBody['follow'];
type Times = { keepAliveMs?: number; stuckMsMax?: number };

/** Serves what `follow` yields; `ended` records how the responses ended. */
async function serve(follow: Follow, times: Times = {}) {
  const ended: Promise<string>[] = [];
  const server = createServer((_req, res: ServerResponse) => {
    const sent = sendEvents(res, new EventStreamBody(follow), times);
    ended.push(sent.then(() => (res.writableEnded ? 'ended' : 'broken off')).catch(() => 'failed'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    ended,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readAll(response: Response): Promise<ReadEvent[]> {
  const events: ReadEvent[] = [];
  for await (const event of readServerSentEvents(response)) events.push(event);
  return events;
}

const follow = (...events: ServerSentEvent[]): Follow =>
  async function* () {
    yield* events;
  };

test('events have their ids, names and multi-line data, and the response ends after the last one', async () => {
  const data = JSON.stringify({ a: 1 });
  await using served = await serve(follow({ id: '1-1', data }, { event: 'end', data: 'one\r\ntwo\nthree' }));
  const response = await fetch(served.url);
  expect([...response.headers]).toEqual(
    expect.arrayContaining([
      ['content-type', 'text/event-stream'],
      ['cache-control', 'no-store'],
      ['x-accel-buffering', 'no'],
    ]),
  );
  expect(await readAll(response)).toEqual([
    { comment: 'connected' },
    { id: '1-1', data },
    { event: 'end', data: 'one\ntwo\nthree' },
  ]);
  await expect(served.ended[0]).resolves.toBe('ended');
});

test('while there are no events, comments keep the connection alive', async () => {
  const silent: Follow = async function* (signal) {
    await delay(60_000, undefined, { signal }).catch(() => undefined);
  };
  await using served = await serve(silent, { keepAliveMs: 5 });
  const comments: unknown[] = [];
  for await (const { comment } of readServerSentEvents(await fetch(served.url))) {
    if (comments.push(comment) === 3) break;
  }
  expect(comments).toEqual(['connected', 'keep-alive', 'keep-alive']);
  // The client has disconnected, which ends the work for it.
  await expect(served.ended[0]).resolves.toBe('ended');
});

test('a client that does not read holds up only one event, and is disconnected', async () => {
  let given = 0;
  const endless: Follow = async function* (signal) {
    for (; !signal.aborted; given += 1) yield { data: 'x'.repeat(100_000) };
  };
  await using served = await serve(endless, { stuckMsMax: 50 });
  const request = get(served.url);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  response.pause();
  await expect(served.ended[0]).resolves.toBe('broken off');
  // The buffers of the connection hold some events.
  expect(given).toBeLessThan(200);
});

test('a stream that fails is aborted, so that nobody mistakes it for complete', async () => {
  const failing: Follow = async function* () {
    yield { data: 'one' };
    throw new Error('no more');
  };
  await using served = await serve(failing);
  const response = await fetch(served.url);
  await expect(readAll(response)).rejects.toThrow();
  await expect(served.ended[0]).resolves.toBe('failed');
});
