import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectBus, createDebugStreamWriter } from '@toolplane/bus';
import { readServerSentEvents } from '@toolplane/loopback/read-server-sent-events';
import { createMember } from './browser.ts';
import { eventually } from './connected-api.ts';
import type { TestControlPlane } from './control-plane.ts';
import { type DebuggedPlane, eventsOf, servers, startDebuggedPlane, take } from './debugged-plane.ts';

let debugged: DebuggedPlane;
let plane: TestControlPlane;
beforeAll(async () => {
  debugged = await startDebuggedPlane();
  plane = debugged.plane;
});
afterAll(() => debugged.close());

describe('following', () => {
  test('shows all that was seen and then what comes, resumes after an id, and ends with the session', async () => {
    const session = await debugged.open();
    const [call, exchange, step, end] = eventsOf('call-1');
    if (!call || !exchange || !step || !end) throw new Error('no events');
    await debugged.report(session, call, exchange);
    const stream = readServerSentEvents(await debugged.follow(session));
    const first = await take(stream, 2);
    expect(first.map(({ data = '' }) => JSON.parse(data))).toEqual([call, exchange]);
    await debugged.report(session, step);
    const [third] = await take(stream, 1);
    expect(JSON.parse(third?.data ?? '')).toEqual(step);

    const resumed = readServerSentEvents(await debugged.follow(session, { 'last-event-id': first[1]?.id ?? '' }));
    expect(await take(resumed, 1)).toEqual([third]);
    await debugged.report(session, end);
    await plane.send('DELETE', session.path);
    for (const each of [stream, resumed]) {
      const rest = await take(each, 3);
      expect(rest.at(-1)).toEqual({ event: 'end', data: '{"reason":"stopped"}' });
    }
    const late = await take(readServerSentEvents(await debugged.follow(session)), 2);
    expect(late).toEqual([{ event: 'end', data: '{"reason":"stopped"}' }]);
  });

  test('ends when the time of the session is over (B124)', async () => {
    const session = await debugged.open();
    await debugged.change(session, { expiresAt: new Date(Date.now() + 300) });
    const stream = readServerSentEvents(await debugged.follow(session));
    expect(await take(stream, 1)).toEqual([{ event: 'end', data: '{"reason":"expired"}' }]);
    expect(await debugged.show(session)).toMatchObject({ state: 'ended', end_reason: 'expired' });
    expect((await debugged.look(session, 'calls/call-1/trace')).status).toBe(404);
  });

  test('needs both the credential of whoever opened it and the token: neither is enough (T10)', async () => {
    const key = await debugged.createKey(['servers:read', 'tools:call', 'debug:write']);
    const session = await debugged.open({}, { key });
    const statusOf = async (response: Promise<Response>) => {
      const { status, body } = await response;
      await body?.cancel();
      return status;
    };
    const other = await debugged.open();
    const statuses = {
      both: await statusOf(debugged.follow(session)),
      'no token': await statusOf(debugged.follow({ ...session, token: '' })),
      'the token of another session': await statusOf(debugged.follow({ ...session, token: other.token })),
      'the token as a key': await statusOf(debugged.follow({ ...session, key: session.token })),
      'no key': await statusOf(debugged.follow({ ...session, key: '' })),
      'an owner with the token': await statusOf(debugged.follow({ ...session, key: plane.rootKey })),
    };
    expect(statuses).toEqual({
      both: 200,
      'no token': 401,
      'the token of another session': 401,
      'the token as a key': 401,
      'no key': 401,
      'an owner with the token': 403,
    });
    for (const what of ['calls', 'calls/call-1/trace']) {
      expect((await debugged.look({ ...session, key: plane.rootKey }, what)).status).toBe(403);
      expect((await debugged.look({ ...session, token: other.token }, what)).status).toBe(401);
    }
  });

  test('works for people with their session and the token', async () => {
    const maintainer = await createMember(plane, { email: 'follows@example.test', role: 'maintainer' });
    const server = await debugged.createServer();
    const { body } = await maintainer.send('POST', `${servers}/${server}/debug-sessions`, {});
    const path = `${servers}/${server}/debug-sessions/${body.data.id}/calls`;
    expect((await maintainer.send('GET', path, undefined, { authorization: `Token ${body.data.token}` })).status).toBe(
      200,
    );
    expect((await maintainer.send('GET', path)).status).toBe(401);
  });

  test('is limited to four at a time for one session, and whoever leaves makes room', async () => {
    const session = await debugged.open();
    const four = await Promise.all([1, 2, 3, 4].map(() => debugged.follow(session)));
    expect(four.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await debugged.follow(session)).status).toBe(429);
    expect((await debugged.look(session, 'calls')).status).toBe(429);
    await four[0]?.body?.cancel();
    await eventually(
      () => debugged.look(session, 'calls'),
      ({ status }) => status === 200,
    );
    for (const { body } of four.slice(1)) await body?.cancel();
  });

  test('continues with a Redis that lost everything', async () => {
    const session = await debugged.open();
    const stream = readServerSentEvents(await debugged.follow(session));
    const [call, , , end] = eventsOf('call-1');
    if (!call || !end) throw new Error('no events');
    await debugged.report(session, call);
    expect(await take(stream, 1)).toHaveLength(1);
    await debugged.restartRedis();
    const next = take(stream, 2);
    let isThere = false;
    void next.then(() => {
      isThere = true;
    });
    await eventually(
      () => debugged.report(session, end),
      () => isThere,
    );
    expect((await next).map(({ data = '' }) => JSON.parse(data).kind)).toContain('lost');
    await plane.send('DELETE', session.path);
  });
});

describe('calls that were seen', () => {
  test('are listed in their order, and each has its trace', async () => {
    const session = await debugged.open();
    await debugged.report(session, ...eventsOf('call-1'), ...eventsOf('call-2', 'other').slice(0, 1));
    const { body } = await debugged.look(session, 'calls');
    expect(body.data).toEqual([
      {
        call_id: 'call-1',
        server_id: 'srv_x',
        tool: 'ticket_status',
        caller: 'key',
        started_at: expect.any(String),
        events: 4,
        outcome: 'done',
        duration_ms: 9,
      },
      {
        call_id: 'call-2',
        server_id: 'srv_x',
        tool: 'other',
        caller: 'key',
        started_at: expect.any(String),
        events: 1,
      },
    ]);
    expect((await debugged.look(session, 'calls/call-1/trace')).body.data).toMatchObject({
      type: 'flow.run',
      flow_id: 'ticket_status',
      duration_ms: 9,
      inputs: 'in',
      outputs: 'out',
      children: [
        {
          type: 'step.run',
          step_id: 'find',
          request: { url: 'https://api.example.test/tickets/7' },
          response: { status: 200 },
          children: [{ type: 'action.run', action: { type: 'next' } }],
        },
      ],
    });
    expect((await debugged.look(session, 'calls/call-3/trace')).status).toBe(404);
  });

  test('are reported as lost where there were more than are kept (B124)', async () => {
    const session = await debugged.open();
    const { keys } = debugged;
    await using bus = connectBus({ redisUrl: plane.redis.url });
    const small = await createDebugStreamWriter({ bus, keys, eventsMax: 8 });
    const calls = Array.from({ length: 10 }, (_, index) => eventsOf(`call-${index}`));
    const stream = readServerSentEvents(await debugged.follow(session));
    for (const event of calls[0] ?? []) small.append(session.id, event);
    await small.flush();
    const [first] = await take(stream, 1);
    await take(stream, 3);
    for (const event of calls.slice(1).flat()) small.append(session.id, event);
    await small.flush();
    const resumed = readServerSentEvents(await debugged.follow(session, { 'last-event-id': first?.id ?? '' }));
    const [gap] = await take(resumed, 1);
    expect(JSON.parse(gap?.data ?? '')).toMatchObject({ kind: 'lost', events: expect.any(Number) });
    const listed = (await debugged.look(session, 'calls')).body.data;
    expect(listed.map(({ call_id: id }: { call_id: string }) => id)).toEqual(['call-8', 'call-9']);
    await stream.return();
    await resumed.return();
  });
});
