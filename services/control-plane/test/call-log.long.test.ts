import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { LoggedCall } from '@toolplane/bus';
import { type CallLog, createCallLog } from '../src/operations/call-log/call-log.ts';
import { createCursors } from '../src/platform/cursor.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

const DAY_MS = 86_400_000;

let plane: TestControlPlane;
let own: { key: string; workspaceId: string };
let callLog: CallLog;

beforeAll(async () => {
  plane = await startTestControlPlane();
  ({ callLog } = plane.domains);
});
afterAll(() => plane.close());
beforeEach(async () => {
  own = await plane.createTenant();
});

const callOf = (changes: Partial<LoggedCall> = {}): LoggedCall => ({
  id: randomUUID(),
  workspaceId: own.workspaceId,
  serverId: 'srv_1',
  tool: 'find',
  kind: 'tool',
  outcome: 'done',
  source: 'direct',
  startedAt: Date.now(),
  durationMs: 10,
  protocolVersion: '2026-07-28',
  caller: { kind: 'key', id: 'key_1', agentId: 'agt_1', username: 'ada' },
  ...changes,
});

const read = (path: string, key = own.key) => plane.send('GET', `/api/v1/calls${path}`, undefined, { key });

async function idsOf(query = '', key = own.key): Promise<string[]> {
  const { status, body } = await read(query, key);
  expect(status).toBe(200);
  return body.data.map(({ id }: { id: string }) => id);
}

/** Lists the partitions of all tenants, without row-level security. */
async function partitions(): Promise<string[]> {
  const { rows } = await plane.tables.query(
    `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'calls'::regclass ORDER BY 1`,
  );
  return rows.map(({ relname }) => relname);
}

const partitionOf = (time: number) => `calls_${new Date(time).toISOString().slice(0, 10).replaceAll('-', '')}`;
const logThatKeeps = (retentionDays: number, now = Date.now) =>
  createCallLog({ database: plane.database, cursors: createCursors('secret'), retentionDays, now });

describe('what edges report', () => {
  test('is added once, however often and by however many processes it is collected', async () => {
    const calls = Array.from({ length: 700 }, () => callOf());
    const halves = [calls.slice(0, 450), calls.slice(250)];
    await Promise.all([...halves, calls.toReversed(), calls].map((some) => callLog.takeOver(some)));
    await callLog.takeOver(calls.slice(0, 3));
    const { body } = await read('/statistics');
    expect(body.data.tools).toMatchObject([{ tool: 'find', calls: 700 }]);
  });

  test('finds a partition for its day, after midnight and when the control plane was away', async () => {
    const yesterday = Date.now() - DAY_MS;
    const late = [callOf({ startedAt: yesterday - 6 * DAY_MS }), callOf({ startedAt: yesterday })];
    await Promise.all([logThatKeeps(30).takeOver(late), logThatKeeps(30).takeOver(late)]);
    expect(await idsOf()).toEqual(late.map(({ id }) => id).reverse());
    expect(await partitions()).toContain(partitionOf(yesterday));
  });

  test('from a time that is over or far ahead is not added, and creates no partition', async () => {
    const before = await partitions();
    const times = [Date.now() - 31 * DAY_MS, Date.now() + 2 * DAY_MS, 0, 8.64e15];
    const taken = callOf();
    await callLog.takeOver([...times.map((startedAt) => callOf({ startedAt })), taken]);
    expect(await idsOf()).toEqual([taken.id]);
    expect(await partitions()).toEqual(before);
  });
});

describe('days', () => {
  test('are created ahead, and dropped with their rows when their time is over', async () => {
    const old = callOf({ startedAt: Date.now() - 20 * DAY_MS });
    const young = callOf();
    await callLog.takeOver([old, young]);
    await callLog.sweep();
    expect(await idsOf()).toEqual([young.id, old.id]);
    expect(await partitions()).toContain(partitionOf(Date.now() + 3 * DAY_MS));
    await logThatKeeps(0).sweep();
    expect(await idsOf()).toEqual([young.id, old.id]);
    await Promise.all([logThatKeeps(19).sweep(), logThatKeeps(19).sweep()]);
    expect(await idsOf()).toEqual([young.id]);
    expect(await partitions()).not.toContain(partitionOf(old.startedAt));
  });
});

test('what a worker reports of a call is in every form of the log; for a call that no worker ran it is absent', async () => {
  const reported = {
    queueMs: 4,
    executionMs: 6,
    upstreamMs: 5,
    requestBytes: 300,
    responseBytes: 70,
    client: { name: 'some client', version: '1.2' },
    analytics: { city: 'Oslo', count: 3, isNew: true, none: null },
  };
  const [ran, refused] = [callOf({ ...reported, startedAt: Date.now() - 1000 }), callOf()];
  const odd = callOf({ client: { name: 'bare' }, startedAt: Date.now() - 2000 });
  await callLog.takeOver([ran, refused, odd]);
  const { body } = await read('');
  expect(body.data[1]).toMatchObject(reported);
  for (const name of Object.keys(reported)) expect(body.data[0]).not.toHaveProperty(name);
  expect(body.data[2].client).toEqual({ name: 'bare' });
  expect((await read(`/${ran.id}`)).body.data).toMatchObject(reported);
  expect(JSON.parse((await read('/export')).text.split('\n')[1] ?? '')).toMatchObject(reported);
  const { data } = (await read('/statistics')).body;
  expect(data.tools).toMatchObject([
    {
      calls: 3,
      averageQueueMs: 4,
      averageExecutionMs: 6,
      averageUpstreamMs: 5,
      requestBytes: 300,
      responseBytes: 70,
    },
  ]);
});

describe('the list', () => {
  test('has every filter', async () => {
    const wanted = callOf({
      serverId: 'srv_2',
      tool: 'other',
      outcome: 'not_started',
      code: 'invalid_arguments',
      durationMs: 500,
      startedAt: Date.now() - 1000,
      caller: { kind: 'key', id: 'key_2', agentId: 'agt_2', username: 'bob' },
      client: { name: 'some-client' },
      analytics: { 'order.city': 'Oslo', count: 3, isNew: true },
    });
    await callLog.takeOver([wanted, callOf(), callOf({ caller: { kind: 'anonymous' } })]);
    const at = encodeURIComponent(new Date(wanted.startedAt).toISOString());
    const filters = [
      'serverId=srv_2',
      'tool=other',
      'outcome=not_started',
      'code=invalid_arguments',
      'agentId=agt_2',
      'keyId=key_2',
      'username=bob',
      'minDurationMs=500',
      `from=${at}&to=${at}`,
      'serverId=srv_2&tool=other&username=bob',
      'client=some-client',
      'analytics=count',
      'analytics=order.city=Oslo',
      'analytics=count=3',
      'analytics=isNew=true',
    ];
    for (const filter of filters) expect([filter, await idsOf(`?${filter}`)]).toEqual([filter, [wanted.id]]);
    expect(await idsOf('?serverId=srv_1&username=bob')).toEqual([]);
    const unlikeNumbers = ['count=003', 'count=-03', `count=${'9'.repeat(400)}`];
    for (const absent of ['order', 'order.city=Bergen', 'count=4', "x' OR true --=1", ...unlikeNumbers]) {
      expect([absent, await idsOf(`?analytics=${encodeURIComponent(absent)}`)]).toEqual([absent, []]);
    }
    const wrong = ['outcome=well', 'from=yesterday', 'minDurationMs=-1', 'nothing=1', 'tool=%00', 'cursor=x'];
    for (const query of wrong) expect([query, (await read(`?${query}`)).status]).toEqual([query, 400]);
    const { error } = (await read('?minDurationMs=soon')).body;
    expect(error.details).toEqual([
      { path: 'query.minDurationMs', message: 'must be a whole number from 0 to 2147483647' },
    ]);
  });

  test('finds a server by its slug as well, refuses an unknown one, and finds a deleted one by its id', async () => {
    const servers = '/api/v1/mcp-servers';
    const made = await plane.send('POST', servers, { name: 'logged' }, { key: own.key });
    const { id } = made.body.data;
    const call = callOf({ serverId: id });
    await callLog.takeOver([call, callOf()]);
    for (const server of [id, 'logged']) {
      expect(await idsOf(`?serverId=${server}`)).toEqual([call.id]);
      expect((await read(`/export?serverId=${server}`)).text.trim().split('\n')).toHaveLength(1);
      expect((await read(`/statistics?serverId=${server}`)).body.data.tools).toMatchObject([
        { serverId: id, calls: 1 },
      ]);
    }
    await plane.send('DELETE', `${servers}/logged`, undefined, { key: own.key });
    expect(await idsOf(`?serverId=${id}`)).toEqual([call.id]);
    for (const path of ['', '/export', '/statistics']) {
      expect([path, (await read(`${path}?serverId=logged`)).status]).toEqual([path, 404]);
    }
  });

  test('continues page by page, even among calls of one millisecond and while others are added', async () => {
    const startedAt = Date.now() - 1000;
    const calls = Array.from({ length: 7 }, (_, index) => callOf({ startedAt: startedAt + (index < 5 ? 0 : 1) }));
    await callLog.takeOver(calls);
    const found: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await read(`?limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`);
      found.push(...body.data.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
      await callLog.takeOver([callOf()]);
    }
    const newestFirst = calls.toSorted((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1));
    expect(found).toEqual(newestFirst.map(({ id }) => id));
  });

  test('shows all that is known of a call, and so does the call itself', async () => {
    const call = callOf({ originId: 'srv_3', code: 'tool_error', traceId: 'f'.repeat(32) });
    await callLog.takeOver([call]);
    const { workspaceId: _, ...shown } = call;
    const expected = { ...shown, startedAt: new Date(call.startedAt).toISOString() };
    expect((await read('')).body.data).toEqual([expected]);
    expect((await read(`/${call.id}`)).body.data).toEqual(expected);
    expect((await read(`/${randomUUID()}`)).status).toBe(404);
  });

  test('and everything else shows nothing of another tenant, and accepts no cursor of another list (T1)', async () => {
    const calls = [callOf(), callOf(), callOf()];
    await callLog.takeOver(calls);
    const other = await plane.createTenant();
    expect(await idsOf('', other.key)).toEqual([]);
    expect((await read('/statistics', other.key)).body.data.tools).toEqual([]);
    expect((await read('/export', other.key)).text).toBe('');
    expect((await read(`/${calls[0]?.id}`, other.key)).status).toBe(404);
    const { nextCursor } = (await read('?limit=1')).body;
    expect((await read(`?limit=1&cursor=${nextCursor}`, other.key)).status).toBe(400);
    expect((await read(`?limit=1&tool=find&cursor=${nextCursor}`)).status).toBe(400);
  });
});

describe('statistics', () => {
  test('count calls and errors per server and tool, with percentiles of those that ran', async () => {
    const durations = Array.from({ length: 100 }, (_, index) => callOf({ durationMs: index + 1 }));
    await callLog.takeOver([
      ...durations,
      callOf({ outcome: 'not_started', code: 'invalid_arguments', durationMs: 0 }),
      callOf({ outcome: 'unknown', code: 'worker_lost', durationMs: 9999 }),
      callOf({ outcome: 'input_required' }),
      callOf({ code: 'tool_error', durationMs: 50 }),
      callOf({ tool: 'refused', outcome: 'not_started', code: 'queue_unavailable' }),
      callOf({ startedAt: Date.now() - 2 * DAY_MS }),
    ]);
    const { body } = await read('/statistics');
    const zero = { notStarted: 0, unknown: 0, inputRequired: 0, requestBytes: 0, responseBytes: 0 };
    expect(body.data.tools).toEqual([
      {
        serverId: 'srv_1',
        tool: 'find',
        kind: 'tool',
        calls: 103,
        errors: 3,
        notStarted: 1,
        unknown: 1,
        inputRequired: 1,
        p50Ms: 50,
        p95Ms: 95,
        p99Ms: 99,
        requestBytes: 0,
        responseBytes: 0,
      },
      { ...zero, serverId: 'srv_1', tool: 'refused', kind: 'tool', calls: 1, errors: 1, notStarted: 1 },
    ]);
    expect((await read('/statistics?tool=refused&serverId=srv_1')).body.data.tools).toHaveLength(1);
    expect((await read('/statistics?serverId=srv_2')).body.data.tools).toEqual([]);
    const from = new Date(Date.now() - 3 * DAY_MS).toISOString();
    expect((await read(`/statistics?tool=find&from=${from}`)).body.data.tools).toMatchObject([{ calls: 104 }]);
    expect((await read(`/statistics?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z`)).status).toBe(400);
  });
});

describe('the export', () => {
  test('gives every call once, oldest first, a line each', async () => {
    const startedAt = Date.now() - 60_000;
    const calls = Array.from({ length: 5003 }, (_, index) => callOf({ startedAt: startedAt + Math.floor(index / 3) }));
    await callLog.takeOver(calls);
    const first = await read('/export?outcome=done');
    const lines = (text: string) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).id);
    expect(first.headers.get('content-type')).toContain('application/x-ndjson');
    const rest = await read(`/export?outcome=done&cursor=${first.headers.get('x-next-cursor')}`);
    expect(rest.headers.get('x-next-cursor')).toBeNull();
    const inOrder = calls.toSorted((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1));
    expect([...lines(first.text), ...lines(rest.text)]).toEqual(inOrder.map(({ id }) => id));
  });
});
