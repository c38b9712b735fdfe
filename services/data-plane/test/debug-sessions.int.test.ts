import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type BusConnection, connectBus, createDebugStreamReader, type DebugStreamReader } from '@toolplane/bus';
import {
  assembleTrace,
  type DebugEvent,
  type DebugGrant,
  type FlowRun,
  formatDebugToken,
  type Json,
  type StepRun,
} from '@toolplane/contracts';
import { parseCallKeys, sealSecret, secretAudience } from '@toolplane/sealing';
import { type DataPlanes, openDataPlanes } from './data-planes.ts';
import { planOf } from './plan.ts';
import { json, startUpstream, type Upstream } from './upstream.ts';

jest.setTimeout(60_000);

/** Tests a debug session on two data planes that share nothing but Redis and the secret store. */

const CANARY = 'canary/"0123456789';
const token = formatDebugToken(randomBytes(32));
const HOUR_MS = 3_600_000;

const resources = new AsyncDisposableStack();
let planes: DataPlanes;
let bus: BusConnection;
let reader: DebugStreamReader;
let api: Upstream;
let digest: string;

beforeAll(async () => {
  planes = resources.use(await openDataPlanes());
  await Promise.all([planes.start(), planes.start()]);
  const { REDIS_URL: redisUrl = '', COMMAND_KEYS = '' } = planes.settings;
  bus = resources.use(connectBus({ redisUrl }));
  reader = await createDebugStreamReader({ bus, keys: parseCallKeys(COMMAND_KEYS) });
  api = resources.use(await startUpstream(json({ said: `Bearer ${CANARY}`, ok: true })));
  const sealed = await sealSecret(
    {
      key: await planes.getSealingKey(),
      audience: secretAudience({ workspaceId: 'ws', serverId: 'srv', name: 'KEY' }),
    },
    { value: CANARY, hosts: ['127.0.0.1'] },
  );
  const ref = { workspaceId: 'ws', serverId: 'srv', name: 'KEY' };
  await planes.command({ command: 'store_secret', ref, sealed, version: 1, isUsed: true, overlapMs: 0 } as Json, 'ws');
  const headers = { Authorization: 'Bearer $secrets.KEY' };
  digest = await planes.publish(
    planOf(
      [
        { id: 'first', url: `${api.url}/first`, headers, secrets: ['KEY'], outputs: { ok: '$response.body.ok' } },
        { id: 'second', url: `${api.url}/second?n=$inputs.n` },
      ],
      { ok: '$steps.first.outputs.ok' },
    ),
  );
});
afterAll(() => resources.disposeAsync());

async function openSession(sessionId: string, changes: Partial<DebugGrant> = {}): Promise<string> {
  const grant = {
    version: 1,
    kind: 'debug-grant',
    sessionId,
    workspaceId: 'ws',
    serverId: 'srv',
    tokenHash: createHash('sha256').update(token).digest('hex'),
    expiresAt: Date.now() + HOUR_MS,
    ...changes,
  };
  await reader.open(sessionId, grant.expiresAt);
  return planes.sign(grant as Json);
}

const callWith = (grant: string, n: number, debug: object = {}, onReport?: (trace: FlowRun | undefined) => void) =>
  planes.call(digest, {
    body: { arguments: { n: String(n) }, debug: { grant, caller: 'key', ...debug } },
    onReport: ({ report }) => onReport?.(report?.trace),
  });

test('a session followed live shows every step of every call, in order, and leaves nothing (T10, B124)', async () => {
  const grant = await openSession('dbg_live');
  const events: DebugEvent[] = [];
  const following = (async () => {
    for await (const { event } of reader.follow('dbg_live', { signal: new AbortController().signal })) {
      events.push(event);
      if (events.filter(({ kind }) => kind === 'end').length === 12) return;
    }
  })();
  const outcomes = await Promise.all(Array.from({ length: 12 }, (_, n) => callWith(grant, n)));
  expect(outcomes).toEqual(Array.from({ length: 12 }, () => ({ ok: true, outcome: 'done', value: { ok: true } })));
  await following;
  const callIds = new Set(events.flatMap((event) => (event.kind === 'lost' ? [] : [event.call_id])));
  expect([callIds.size, events.length]).toEqual([12, 12 * 6]);
  const kinds = ['call', 'exchange', 'step', 'exchange', 'step', 'end'];
  for (const callId of callIds) {
    const ofCall = events.filter((event) => event.kind !== 'lost' && event.call_id === callId);
    expect(ofCall.map(({ kind }) => kind)).toEqual(kinds);
    const steps = assembleTrace(ofCall)?.children as StepRun[];
    expect(steps.map((step) => step.step_id)).toEqual(['first', 'second']);
    expect(steps[0]?.response?.body).toEqual({ said: 'Bearer [secret:KEY]', ok: true });
  }
  expect(JSON.stringify(events)).not.toContain('0123456789');
  const { CALL_KEYS = '' } = planes.settings;
  const edge = await createDebugStreamReader({ bus, keys: parseCallKeys(CALL_KEYS) });
  expect(await edge.read('dbg_live')).toMatchObject({ entries: [] });

  await reader.end('dbg_live');
  await callWith(grant, 1);
  expect(await reader.read('dbg_live')).toBeUndefined();
  expect(planes.logs).not.toMatch(/0123456789|second\?n=/);
});

test('only the debugger gets the trace with the reply', async () => {
  const grant = await openSession('dbg_run');
  const traces: (FlowRun | undefined)[] = [];
  await callWith(grant, 1, { token, caller: 'debugger' }, (trace) => traces.push(trace));
  await callWith(grant, 1, {}, (trace) => traces.push(trace));
  expect(traces[0]).toMatchObject({ type: 'flow.run', flow_id: 'tool', outputs: { ok: true } });
  expect(traces[1]).toBeUndefined();
  expect(JSON.stringify(traces)).not.toContain('0123456789');
  await reader.end('dbg_run');
});

test('a forged, foreign or expired grant shows nothing, and a call of its debugger does not run', async () => {
  const good = await openSession('dbg_other');
  const grants = [
    good.slice(0, -4).concat('AAAA'),
    await openSession('dbg_other', { serverId: 'srv_2' }),
    await openSession('dbg_other', { workspaceId: 'ws_2' }),
    await planes.sign({ kind: 'debug-grant', sessionId: 'dbg_other' }),
  ];
  await reader.open('dbg_other', Date.now() + HOUR_MS);
  api.seen.length = 0;
  for (const grant of grants) {
    expect(await callWith(grant, 1)).toMatchObject({ ok: true });
    const refused = { outcome: 'not_started', error: { code: 'unauthenticated' } };
    expect(await callWith(grant, 1, { token })).toMatchObject(refused);
  }
  expect(api.seen).toHaveLength(grants.length * 2);
  expect(await reader.read('dbg_other')).toMatchObject({ entries: [] });
  await reader.end('dbg_other');
});
