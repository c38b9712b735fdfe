import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DeliveredCall } from '@toolplane/bus';
import { succeeded } from '@toolplane/contracts';
import { openStream } from './event-reader.ts';
import { openSession } from './legacy-session.ts';
import { call, modern, startTestEdge, type TestEdge } from './test-edge.ts';

/* The resources that clients may use at an edge, and the effect on a call when they disconnect. */

let edge: TestEdge;
let running: PromiseWithResolvers<DeliveredCall>;

beforeAll(async () => {
  edge = await startTestEdge();
});
beforeEach(() => {
  running = Promise.withResolvers();
  edge.handle = async (delivered) => {
    delivered.notify({ kind: 'progress', progress: 1 });
    running.resolve(delivered);
    await once(delivered.signal, 'abort');
    return succeeded({});
  };
});
afterAll(async () => edge[Symbol.asyncDispose]());

type Headers = Record<string, string>;

function postStream(url: string, message: object, headers: Headers = {}) {
  return openStream(`${url}/mcp/${edge.serverId}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'x-api-key': edge.key,
      ...headers,
    },
    body: JSON.stringify(message),
  });
}

const progressToken = { progressToken: 'p' };

describe('a client that closes its stream', () => {
  test('cancels its call from 2026-07-28 on (B021, T8)', async () => {
    const message = call({ text: 'a' }, { _meta: { ...modern.meta, ...progressToken } });
    const stream = await postStream(edge.url, message, modern.headers('tools/call', 'echo'));
    await stream.next();
    stream.leave();
    const { signal } = await running.promise;
    const leftAt = Date.now();
    if (!signal.aborted) await once(signal, 'abort');
    expect(Date.now() - leftAt).toBeLessThan(1000);
  });

  test('cancels nothing before that; notifications/cancelled does, at any edge (B022)', async () => {
    const headers = await openSession(edge);
    const stream = await postStream(
      edge.url,
      { ...call({ text: 'a' }, { _meta: progressToken }), id: 'slow' },
      headers,
    );
    await stream.next();
    stream.leave();
    const { signal } = await running.promise;
    const foreign = await openSession(edge);
    const cancel = (requestId: unknown, of: Headers) =>
      edge.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }, { headers: of });
    // Another session, another id, no id at all and, below, no session.
    const ignored = [await cancel('slow', foreign), await cancel('other', headers), await cancel({}, headers)];
    expect([...ignored, await cancel('slow', {})].map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(signal.aborted).toBe(false);
    expect((await cancel('slow', headers)).status).toBe(202);
    if (!signal.aborted) await once(signal, 'abort');
    // A request that has ended is not cancelled, and that is not an error.
    expect((await cancel('slow', headers)).status).toBe(202);
  });
});

describe('streams over the limit', () => {
  const listenMessage = {
    jsonrpc: '2.0',
    id: 1,
    method: 'subscriptions/listen',
    params: { notifications: { toolsListChanged: true }, _meta: modern.meta },
  };

  test('are 429 with Retry-After, whatever their kind, until one is closed (B024)', async () => {
    const { url } = await edge.startReplica({ perPrincipalMax: 3, totalMax: 4 });
    const get = (headers: Headers, key = edge.key) =>
      openStream(`${url}/mcp/${edge.serverId}`, {
        headers: { accept: 'text/event-stream', 'x-api-key': key, ...headers },
      });
    const listen = () => postStream(url, listenMessage, modern.headers('subscriptions/listen'));
    const session = await openSession(edge);
    const [first] = [await get(session), await get({}), await listen()];
    for (const refused of [await get(session), await get({}), await listen()]) {
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    }
    const { key } = await edge.publishKey({});
    expect((await get({}, key)).status).toBe(200);
    // The total limit of the edge is reached as well.
    expect((await get({}, key)).status).toBe(429);
    first.leave();
    // The edge notices the disconnect with a delay.
    let status = 429;
    while (status === 429) ({ status } = await get(session));
    expect(status).toBe(200);
    // An ordinary request is not a stream.
    expect((await edge.post({ jsonrpc: '2.0', id: 1, method: 'ping' })).status).toBe(200);
  });

  test('cost less than 50 kB each while they are idle (B024)', async () => {
    const count = 500;
    const { url } = await edge.startReplica({ perPrincipalMax: count, totalMax: count });
    const port = Number(new URL(url).port);
    const session = await openSession(edge);
    const headers = { host: '127.0.0.1', accept: 'text/event-stream', 'x-api-key': edge.key, ...session };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const openOne = async (): Promise<Socket> => {
      const socket = connect(port, '127.0.0.1');
      socket.write(`GET /mcp/${edge.serverId} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      let text = '';
      while (!text.includes('lists:')) text += String((await once(socket, 'data'))[0]);
      return socket;
    };
    const warm = await openOne();
    const before = await memoryUsed();
    const sockets: Socket[] = [];
    for (let opened = 1; opened < count; opened += 1) sockets.push(await openOne());
    // The clients are also in this process, so this is an upper bound.
    const perStream = ((await memoryUsed()) - before) / sockets.length;
    expect(perStream).toBeLessThan(50_000);
    for (const socket of [...sockets, warm]) socket.destroy();
    // Each stream is opened only once the previous one is open.
  }, 90_000);
});

/** Returns the memory in use, after also freeing what is freed only after an event-loop turn. */
async function memoryUsed(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 5; round += 1) {
    collect();
    await new Promise(setImmediate);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
