import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Tool } from '@toolplane/contracts';
import { openStream, type TestStream } from './event-reader.ts';
import { openSession } from './legacy-session.ts';
import { askFor, form } from './questions.ts';
import type { Replica } from './replica.ts';
import { call, echoTool, startTestEdge, type TestEdge } from './test-edge.ts';

/*
 * The GET stream of a legacy session, and the end of sessions. There are two edges, because a client may reach either.
 */

let edge: TestEdge;
let other: Replica;
let toolCount = 0;

beforeAll(async () => {
  edge = await startTestEdge();
  other = await edge.startReplica();
});
beforeEach(async () => edge.publishServer({}));
afterAll(async () => edge[Symbol.asyncDispose]());

const plan = { planDigest: 'd1', deadlineMs: 5000 };
const timetable = { uri: 'night://timetable', name: 'timetable', ...plan };
const menu = { uri: 'night://menu', name: 'menu', ...plan };

/** Returns a list of tools that no test used before. */
function newTools(): Tool[] {
  toolCount += 1;
  return [{ ...echoTool, ...plan, isRepeatable: true, name: `tool-${toolCount}` }];
}

type Headers = Record<string, string>;

async function startSession(options: Parameters<typeof openSession>[1] = {}) {
  return { 'x-api-key': options.key ?? edge.key, ...(await openSession(edge, options)) };
}

function listen(url: string, headers: Headers, path = edge.serverId): Promise<TestStream> {
  return openStream(`${url}/mcp/${path}`, { headers: { accept: 'text/event-stream', ...headers } });
}

const remove = (url: string, headers: Headers) =>
  fetch(`${url}/mcp/${edge.serverId}`, { method: 'DELETE', headers }).then(({ status }) => status);
const ping = (headers: Headers) => edge.post({ jsonrpc: '2.0', id: 1, method: 'ping' }, { headers, key: '' });

describe('the stream of a session', () => {
  test('announces a changed list at an edge that never saw the session, and no other tenant’s (T1)', async () => {
    const stream = await listen(other.url, await startSession());
    expect(await stream.next()).toMatchObject({ data: '', id: expect.stringMatching(/^lists:/) });
    const tenant = { serverId: 'srv_other', slug: 'other', workspaceId: 'ws_other' };
    await edge.publishServer({ ...tenant, tools: newTools() });
    await edge.publishServer({ instructions: 'Nothing that a list shows.' });
    await edge.publishServer({ tools: newTools(), prompts: [{ name: 'greet', arguments: [], ...plan }] });
    const methods = [await stream.next(), await stream.next()].map((event) => event?.message.method);
    expect(methods).toEqual(['notifications/tools/list_changed', 'notifications/prompts/list_changed']);
    await edge.publishServer({ tools: newTools(), prompts: [{ name: 'greet', arguments: [], ...plan }] });
    expect((await stream.next())?.message).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/tools/list_changed',
      params: {},
    });
    stream.leave();
  });

  test('announces a subscribed resource whose plan changed or that is gone, and no other', async () => {
    await edge.publishServer({ resources: [timetable, menu] });
    const headers = await startSession();
    const stream = await listen(other.url, headers);
    await stream.next();
    const subscribe = { jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri: menu.uri } };
    await edge.post(subscribe, { headers });
    await edge.publishServer({ resources: [{ ...timetable, planDigest: 'd2' }, menu] });
    await edge.publishServer({
      resources: [
        { ...timetable, planDigest: 'd2' },
        { ...menu, planDigest: 'd2' },
      ],
    });
    const updated = { method: 'notifications/resources/updated', params: { uri: menu.uri } };
    expect((await stream.next())?.message).toMatchObject(updated);
    await edge.publishServer({ resources: [{ ...timetable, planDigest: 'd2' }] });
    expect((await stream.next())?.message.method).toBe('notifications/resources/list_changed');
    expect((await stream.next())?.message).toMatchObject(updated);
    stream.leave();
  });

  test('tells a client that returns at another edge what has changed meanwhile', async () => {
    const headers = await startSession();
    const first = await listen(edge.url, headers);
    const lastEventId = (await first.next())?.id ?? '';
    first.leave();
    await edge.publishServer({ tools: newTools() });
    const second = await listen(other.url, { ...headers, 'last-event-id': lastEventId });
    await second.next();
    const reported = await second.next();
    expect(reported?.message.method).toBe('notifications/tools/list_changed');
    second.leave();
    const third = await listen(edge.url, { ...headers, 'last-event-id': reported?.id ?? '' });
    await third.next();
    await edge.publishServer({ tools: newTools(), resources: [menu] });
    const methods = [await third.next(), await third.next()].map((event) => event?.message.method);
    expect(methods).toEqual(['notifications/tools/list_changed', 'notifications/resources/list_changed']);
    third.leave();
  });

  test('tells a client that lost it between two notifications of one change both of them', async () => {
    await edge.publishServer({ resources: [menu] });
    const headers = await startSession();
    const subscribe = { jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri: menu.uri } };
    await edge.post(subscribe, { headers });
    const first = await listen(edge.url, headers);
    let lastEventId = (await first.next())?.id ?? '';
    await edge.publishServer({ tools: newTools(), resources: [{ ...menu, planDigest: 'd2' }] });
    const reported = await first.next();
    first.leave();
    lastEventId = reported?.id ?? lastEventId;
    for (const url of [other.url, edge.url]) {
      const again = await listen(url, { ...headers, 'last-event-id': lastEventId });
      // A client may lose this connection, too, as soon as it has begun.
      lastEventId = (await again.next())?.id ?? '';
      const methods = [await again.next(), await again.next()].map((event) => event?.message.method);
      expect(methods).toEqual(['notifications/tools/list_changed', 'notifications/resources/updated']);
      again.leave();
    }
  });

  test('has no two events with the same id', async () => {
    const headers = await startSession();
    const [older, newer] = [await listen(edge.url, headers), await listen(other.url, headers)];
    const ids = [(await older.next())?.id, (await newer.next())?.id];
    const tools = [newTools(), newTools()];
    for (const each of [tools[0], tools[1], tools[0]]) {
      await edge.publishServer({ tools: each ?? [] });
      ids.push((await newer.next())?.id);
    }
    expect(new Set(ids).size).toBe(5);
    for (const stream of [older, newer]) stream.leave();
  });

  test('is the only one with notifications if it is the newest of several, at whichever edge', async () => {
    const headers = await startSession();
    const older = await listen(edge.url, headers);
    await older.next();
    const newer = await listen(other.url, headers);
    await newer.next();
    await edge.publishServer({ tools: newTools() });
    expect((await newer.next())?.message.method).toBe('notifications/tools/list_changed');
    await remove(edge.url, headers);
    expect(await older.rest()).toEqual([]);
    expect(await newer.rest()).toEqual([]);
  });

  test.each<[string, () => Promise<{ url: string; close(stream: TestStream): unknown }>]>([
    ['its client leaves it', async () => ({ url: edge.url, close: (stream) => stream.leave() })],
    ['its client leaves it at another edge', async () => ({ url: other.url, close: (stream) => stream.leave() })],
    [
      'its edge stops',
      async () => {
        const { url, stop } = await edge.startReplica();
        return { url, close: stop };
      },
    ],
  ])('gets the notifications again when the newest is closed: %s', async (_name, start) => {
    const headers = await startSession();
    const older = await listen(edge.url, headers);
    await older.next();
    const { url, close } = await start();
    const newer = await listen(url, headers);
    await newer.next();
    await edge.publishServer({ tools: newTools() });
    await newer.next();
    await close(newer);
    const reported = older.next();
    let isReported = false;
    void reported.then(() => {
      isReported = true;
    });
    // The edge notices with a delay that a client has disconnected; anything sent until then is lost with the stream.
    while (!isReported) await edge.publishServer({ tools: newTools() });
    expect((await reported)?.message.method).toBe('notifications/tools/list_changed');
    older.leave();
  });

  test('begins without an event for clients of earlier versions', async () => {
    const stream = await listen(edge.url, await startSession({ protocolVersion: '2025-06-18' }));
    await edge.publishServer({ tools: newTools() });
    expect((await stream.next())?.message.method).toBe('notifications/tools/list_changed');
    stream.leave();
  });

  test('is proxy-friendly: neither cached nor buffered', async () => {
    const stream = await listen(edge.url, await startSession());
    expect(Object.fromEntries(stream.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    stream.leave();
  });
});

describe('a stream ends', () => {
  test.each<[string, (key: Awaited<ReturnType<TestEdge['publishKey']>>) => Promise<unknown>]>([
    ['its key is revoked', ({ record }) => edge.publishKey({ ...record, revision: 2, state: 'revoked' })],
    ['its key expired', ({ record }) => edge.publishKey({ ...record, revision: 2, expiresAt: 1 })],
    ['its key may no longer call', ({ record }) => edge.publishKey({ ...record, revision: 2, permissions: [] })],
  ])('when %s', async (_name, change) => {
    const key = await edge.publishKey({});
    const stream = await listen(other.url, await startSession({ key: key.key }));
    await stream.next();
    await change(key);
    expect(await stream.next()).toBeUndefined();
  });

  test.each(['stopped', 'deleted'] as const)(
    'when its server is %s, after announcing that nothing is left',
    async (state) => {
      const lists = { prompts: [{ name: 'greet', arguments: [], ...plan }], resources: [menu] };
      await edge.publishServer(lists);
      const headers = await startSession();
      const subscribe = { jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri: menu.uri } };
      await edge.post(subscribe, { headers });
      const streams = [await listen(edge.url, headers), await listen(other.url, headers)];
      for (const stream of streams) await stream.next();
      await edge.publishServer({ ...lists, state });
      const reported = (await Promise.all(streams.map((stream) => stream.rest()))).flat();
      expect(new Set(reported.map(({ message }) => message.method))).toEqual(
        new Set([
          ...['tools', 'prompts', 'resources'].map((list) => `notifications/${list}/list_changed`),
          'notifications/resources/updated',
        ]),
      );
    },
  );

  test('and a client that returns when its server is started again is told of the lists', async () => {
    const headers = await startSession();
    const stream = await listen(edge.url, headers);
    await stream.next();
    await edge.publishServer({ state: 'stopped' });
    const reported = (await stream.rest()).at(-1);
    expect(reported?.message.method).toBe('notifications/tools/list_changed');
    expect((await listen(edge.url, headers)).status).toBe(503);
    await edge.publishServer({});
    const comeBack = () => listen(other.url, { ...headers, 'last-event-id': reported?.id ?? '' });
    let again = await comeBack();
    // The other edge learns with a delay that the server is running again.
    while (again.status === 503) again = await comeBack();
    await again.next();
    expect((await again.next())?.message.method).toBe('notifications/tools/list_changed');
    again.leave();
  });

  test('when its edge stops, and its client continues at another', async () => {
    const replica = await edge.startReplica();
    const headers = await startSession();
    const stream = await listen(replica.url, headers);
    const id = (await stream.next())?.id ?? '';
    await Promise.all([replica.stop(), stream.rest()]);
    const next = await listen(other.url, { ...headers, 'last-event-id': id });
    expect(next.status).toBe(200);
    next.leave();
  });
});

describe('DELETE', () => {
  test('ends the session and its streams at every edge', async () => {
    const headers = await startSession();
    const stream = await listen(other.url, headers);
    await stream.next();
    expect(await remove(edge.url, headers)).toBe(204);
    expect(await stream.next()).toBeUndefined();
    expect((await ping(headers)).status).toBe(404);
    expect((await listen(other.url, headers)).status).toBe(404);
    expect(await remove(other.url, headers)).toBe(404);
  });

  test('ends the questions to its client, at every edge, because nobody is there to answer', async () => {
    await edge.publishServer({ tools: [{ ...echoTool, ...plan, isRepeatable: true, asks: true }] });
    askFor(edge, { ok: form }, { later: form });
    const headers = await startSession({ capabilities: { elicitation: {} } });
    const stream = await openStream(`${other.url}/mcp/${edge.serverId}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      body: JSON.stringify(call({ text: 'a' })),
    });
    let event = await stream.next();
    while (event?.message?.method !== 'elicitation/create') event = await stream.next();
    expect(await remove(edge.url, headers)).toBe(204);
    const [withdrawn, answer] = (await stream.rest()).map(({ message }) => message);
    expect(withdrawn).toMatchObject({ method: 'notifications/cancelled', params: { requestId: event.message.id } });
    expect(answer.result.structuredContent).toMatchObject({ code: 'input_declined', outcome: 'not_started' });
    expect(other.parts.openStreams.count()).toBe(0);
  });

  test('leaves the other sessions of the same client alone', async () => {
    const [first, second] = [await startSession(), await startSession()];
    await remove(edge.url, first);
    expect((await ping(second)).status).toBe(200);
  });

  test('without a session is 400, of a modern client 405', async () => {
    const headers = { 'x-api-key': edge.key };
    expect(await remove(edge.url, headers)).toBe(400);
    expect(await remove(edge.url, { ...headers, 'mcp-protocol-version': '2026-07-28' })).toBe(405);
  });
});

describe('a GET that opens no stream is 405', () => {
  test.each<[string, Headers]>([
    ['of a modern client', { 'mcp-protocol-version': '2026-07-28' }],
    ['of a modern client that names a session', { 'mcp-protocol-version': '2026-07-28', 'mcp-session-id': 'x' }],
    ['of a client without a session', { 'mcp-protocol-version': '2025-11-25' }],
    ['of a client that reads no events', { accept: 'application/json' }],
  ])('%s', async (_name, headers) => {
    const stream = await listen(edge.url, { 'x-api-key': edge.key, ...headers });
    expect([stream.status, stream.headers.get('allow')]).toEqual([405, expect.stringContaining('POST')]);
  });
});

describe('a session id that does not belong to the caller is 404 and reveals nothing (B018)', () => {
  test.each<[string, () => Promise<string>]>([
    ['of another key', async () => (await startSession({ key: (await edge.publishKey({})).key }))['mcp-session-id']],
    ['guessed', async () => 's1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    [
      'changed in one place',
      async () => {
        const id = (await startSession())['mcp-session-id'];
        return `${id.slice(0, 20)}${id[20] === '-' ? '_' : '-'}${id.slice(21)}`;
      },
    ],
    ['10 kB', async () => 'x'.repeat(10_000)],
    ['empty', async () => ''],
  ])('%s', async (_name, makeId) => {
    const headers = { 'x-api-key': edge.key, 'mcp-protocol-version': '2025-11-25', 'mcp-session-id': await makeId() };
    const answers = [await ping(headers), await listen(edge.url, headers)];
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    expect(await remove(edge.url, headers)).toBe(404);
  });

  test('of another server of the same workspace', async () => {
    const serverId = `${edge.serverId}b`;
    await edge.publishServer({ serverId, slug: 'second' });
    const headers = await startSession({ path: `/mcp/${serverId}` });
    expect((await listen(edge.url, headers)).status).toBe(404);
    expect((await listen(edge.url, headers, serverId)).status).toBe(200);
  });
});
