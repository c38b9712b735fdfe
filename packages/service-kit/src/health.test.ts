import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { closeServer, listen, startHealthServer } from './health.ts';

test('readiness lists every reason, liveness lists none', async () => {
  const checks = { one: () => 'not connected', two: () => undefined, three: () => 'stopping' };
  const server = await startHealthServer({
    host: '127.0.0.1',
    port: 0,
    checks,
    describe: async () => ({ version: '1' }),
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ready = await fetch(`${base}/readyz`);
  expect([ready.status, await ready.text()]).toEqual([503, 'one: not connected\nthree: stopping\n']);
  expect((await fetch(`${base}/livez`)).status).toBe(200);
  expect(await (await fetch(`${base}/status`)).json()).toEqual({ version: '1' });
  await closeServer(server);
});

test('a client that keeps its connection alive does not keep the server from closing', async () => {
  const waiting = Promise.withResolvers<() => void>();
  const server = createServer((_request, response) => waiting.resolve(() => response.end('late')));
  await listen(server, 0, '127.0.0.1');
  const agent = new Agent({ keepAlive: true });
  const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent });
  const answer = await waiting.promise;
  const closed = closeServer(server);
  answer();
  const [response] = await once(request, 'response');
  expect(response.statusCode).toBe(200);
  response.resume();
  await closed;
  agent.destroy();
});

test('a request that never ends is cut off after the grace period', async () => {
  const arrived = Promise.withResolvers<void>();
  const server = createServer(() => arrived.resolve());
  await listen(server, 0, '127.0.0.1');
  const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  const cut = once(request, 'error');
  await arrived.promise;
  await closeServer(server, 50);
  await cut;
});
