import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createNightline } from '../sample/nightline.ts';

let server: Server;
beforeEach(async () => {
  server = createNightline('night-key').listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

async function ask(method: string, path: string, body?: unknown, key = 'night-key') {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

describe('the sample API', () => {
  test('answers 401 without its key', async () => {
    expect(await ask('GET', '/stations', undefined, 'day-key')).toMatchObject({ status: 401 });
  });

  test('gives every station once, page by page', async () => {
    const names: string[] = [];
    for (let page: number | null = 1; page !== null; ) {
      const { body } = await ask('GET', `/stations?page=${page}`);
      const { stations, next_page } = body as { stations: { name: string }[]; next_page: number | null };
      names.push(...stations.map((station) => station.name));
      page = next_page;
    }
    expect(new Set(names).size).toBe(8);
    expect(names).toHaveLength(8);
  });

  test('finds direct trains and connections with one change, by name or id', async () => {
    expect(await ask('GET', '/trains?from=port-halcyon&to=Glasswater')).toMatchObject({
      body: { total: 1, trains: [{ number: 7, departs: '21:40', arrives: '06:32' }] },
    });
    expect(await ask('GET', "/trains?from=Port Halcyon&to=World's End")).toMatchObject({ body: { total: 0 } });
    expect(await ask('GET', "/connections?from=Port Halcyon&to=World's End")).toMatchObject({
      body: { change_at: 'Glasswater', first: { number: 7 }, second: { number: 12 } },
    });
    expect(await ask('GET', '/trains?from=Port Halcyon&to=Atlantis')).toMatchObject({
      status: 404,
      body: { error: { code: 'unknown_station' } },
    });
  });

  test('loses a train in a tunnel twice, and finds it the third time', async () => {
    const statuses = [];
    for (let count = 0; count < 6; count++) statuses.push((await ask('GET', '/trains/7/position')).status);
    expect(statuses).toEqual([503, 503, 200, 503, 503, 200]);
  });

  test('books a berth once, and counts', async () => {
    const booking = { train: 12, berth: '31A', passenger: 'Ada' };
    expect(await ask('POST', '/bookings', booking)).toMatchObject({ status: 201, body: { booking: 'NB-0001' } });
    expect(await ask('POST', '/bookings', booking)).toMatchObject({ status: 409 });
    expect(await ask('POST', '/bookings', { ...booking, passenger: '' })).toMatchObject({ status: 422 });
    expect(await ask('GET', '/bookings')).toMatchObject({ body: { total: 1 } });
    expect(await ask('GET', '/trains/12/berths?class=sleeper')).toMatchObject({ body: { total: 0 } });
  });

  test('asks once to wait with a wake-up call, and says how long', async () => {
    await ask('POST', '/bookings', { train: 12, berth: '31A', passenger: 'Ada' });
    const first = await ask('POST', '/bookings/NB-0001/wake-up');
    expect([first.status, first.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await ask('POST', '/bookings/NB-0001/wake-up')).toMatchObject({ status: 201 });
  });

  test('answers as slowly as requested', async () => {
    const startedAt = performance.now();
    await ask('GET', '/clock?slow_ms=60');
    expect(performance.now() - startedAt).toBeGreaterThan(55);
  });

  test.each([
    ['GET', '/nowhere', 404],
    ['DELETE', '/bookings', 404],
    ['GET', '/trains/999/berths', 404],
    ['GET', '/lost-property?page=99', 404],
    ['GET', '/stations/%zz', 400],
  ])('%s %s is a %i with a code and a message', async (method, path, status) => {
    const error = { code: expect.any(String), message: expect.any(String) };
    expect(await ask(method, path)).toMatchObject({ status, body: { error } });
  });
});
