import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { createMigratedDatabase } from '@toolplane/local/migrated-database';
import { type Postgres, startPostgres } from '@toolplane/local/postgres';
import { type Clock, findClocks } from '../faults/clock.ts';
import { callPlainly, type PlainAnswer } from '../src/plain-client.ts';
import { type DeployedServer, deployServer, type Replica, startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/*
 * Faults of machines: they are suspended, their clocks are changed, they lose their database. All planes, Redis and
 * PostgreSQL are real processes of this test; an upstream counts the requests that were sent.
 */

jest.setTimeout(120_000);

const document = (api: string) => `
flower: "0.1"
id: machine_faults
flows:
  - id: book
    description: Books something, which must never happen twice.
    x-deadline: 8
    steps:
      - id: book
        request: { method: POST, url: "${api}/held/bookings", body: { what: berth } }
        outputs: { booking: $response.body.id }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { booking: $steps.book.outputs.booking }
  - id: book_trip
    description: Reserves something and pays for it.
    steps:
      - id: reserve
        request: { method: POST, url: "${api}/held/reservations", body: { what: berth } }
        actions: [{ when: "$statusCode == 200", do: next }]
      - id: pay
        request: { method: POST, url: "${api}/payments", body: { what: berth } }
        actions: [{ when: "$statusCode == 200", do: next }]
  - id: put
    description: Stores something; may be repeated.
    steps:
      - id: put
        request: { method: PUT, url: "${api}/held/thing", body: { what: berth } }
        outputs: { id: $response.body.id }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { id: $steps.put.outputs.id }
  - id: read
    description: Reads something at once.
    steps:
      - id: read
        request: { method: GET, url: "${api}/thing" }
        outputs: { id: $response.body.id }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { id: $steps.read.outputs.id }
`;

const resources = new AsyncDisposableStack();
let platform: TestPlatform;
let upstream: Upstream;
let server: DeployedServer;
let second: Replica;
let database: { folder: string; logFile: string };
let postgres: Postgres;
const clockOf = new Map<string, Clock>();
/** Responses that the upstream holds back until the test releases them. */
const heldBack: (() => void)[] = [];

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'toolplane-machines-'));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  database = { folder: join(folder, 'postgres'), logFile: join(folder, 'postgres.log') };
  postgres = await startPostgres(database);
  resources.defer(() => postgres.child.stop());
  process.env['DATABASE_URL'] = postgres.superuserUrl;
  process.env['MIGRATED_DATABASE_URL'] = (await createMigratedDatabase(postgres.superuserUrl)).url;
  const clocks = await findClocks(folder);
  const clockFor = (name: string) => {
    const clock = clockOf.get(name) ?? clocks.create(name);
    clockOf.set(name, clock);
    return clock;
  };
  // Removes the files that libfaketime leaves behind for killed processes.
  const pids = new Set<number>();
  resources.defer(() => {
    for (const pid of pids) clocks.forget(pid);
  });
  platform = resources.use(
    await startPlatform((_ports, { name }) => (name === 'control-plane' ? {} : clockFor(name).env), {
      keepsRedisData: true,
      redisEnvironment: clockFor('Redis').env,
    }),
  );
  second = await platform.startReplica('data-plane');
  for (const pid of [platform.redisPid(), second.pid(), pidOf('edge'), pidOf('data-plane')]) pids.add(pid);
  await second.kill('SIGTERM');
  upstream = resources.use(
    await startUpstream(({ path }, response) => {
      const answer = () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"b1"}');
      if (path.startsWith('/held')) heldBack.push(answer);
      else answer();
    }),
  );
  server = await deployServer(platform, 'machine-faults', document(upstream.url));
}, 120_000);

afterAll(() => resources.disposeAsync(), 60_000);

afterEach(() => {
  letGo();
  upstream.requests.length = 0;
});

function letGo(): void {
  for (const answer of heldBack.splice(0)) answer();
}

const pidOf = (name: 'edge' | 'data-plane') => platform.service(name).pid();
const call = (name: string, meta?: Record<string, unknown>) =>
  callPlainly(platform, server.id, name, {}, meta === undefined ? {} : { meta });
const outcomeOf = ({ result }: PlainAnswer) => result?.structuredContent['outcome'];
const sent = (method: string) => upstream.requests.filter((request) => request.method === method);

test('a data plane that was suspended, and lost, sends no further step when it wakes up (F3)', async () => {
  const arrived = upstream.nextRequest();
  const answer = call('book_trip');
  await arrived;
  const suspended = pidOf('data-plane');
  process.kill(suspended, 'SIGSTOP');
  letGo();
  await second.start();
  expect((await answer).result?.structuredContent).toMatchObject({ code: 'worker_lost', outcome: 'unknown' });
  process.kill(suspended, 'SIGCONT');
  await second.kill('SIGTERM');
  // The process runs again: it answers this call.
  await until(async () => (await call('read')).result?.isError !== true);
  expect(sent('POST').map(({ path }) => path)).toEqual(['/held/reservations']);
});

test('a repeatable call whose worker was killed while its edge stops is unknown, for it was sent (F5)', async () => {
  const arrived = upstream.nextRequest();
  const answer = call('put');
  await arrived;
  const edgeStopped = platform.service('edge').kill('SIGTERM');
  await platform.service('data-plane').kill('SIGKILL');
  await platform.service('data-plane').start();
  expect(outcomeOf(await answer)).toBe('unknown');
  expect(sent('PUT')).toHaveLength(1);
  await edgeStopped;
  await platform.service('edge').start();
  await until(async () => (await call('read')).result?.isError !== true);
});

test('a data plane whose clock is two minutes off is not ready and says why, until it is right again (F12)', async () => {
  const readiness = async () => {
    const response = await fetch(`${platform.healthUrl('data-plane')}/readyz`);
    return { status: response.status, text: await response.text() };
  };
  clockOf.get('data-plane')?.set(120);
  await until(async () => (await readiness()).status === 503);
  expect((await readiness()).text).toMatch(/clock/);
  clockOf.get('data-plane')?.set(0);
  await until(async () => (await readiness()).status === 200);
});

test('every change that was acknowledged before PostgreSQL was killed has its end in the audit log (F11)', async () => {
  const acknowledged = new Set<string>();
  let isKilled = false;
  const change = async (worker: number) => {
    for (let n = 0; !isKilled; n += 1) {
      const name = `killed-${worker}-${n}`;
      const made = await platform.rest.call<{ id: string }>('POST', '/mcp-servers', { name }).catch(() => undefined);
      if (made !== undefined) acknowledged.add(made.id);
    }
  };
  const changes = Promise.all(Array.from({ length: 8 }, (_, worker) => change(worker)));
  await until(async () => acknowledged.size >= 20);
  const port = Number(new URL(postgres.superuserUrl).port);
  process.kill(postgres.child.pid, 'SIGKILL');
  await postgres.child.ended;
  isKilled = true;
  await changes;
  // PostgreSQL's processes may hold its shared memory for a moment.
  await until(() =>
    startPostgres({ ...database, port }).then(
      (started) => {
        postgres = started;
        return true;
      },
      () => false,
    ),
  );
  await until(async () => {
    const ended = await listEnded();
    return [...acknowledged].every((id) => ended.includes(id));
  }, 60_000);
});

/* This test is the last one, because setting Redis's clock back would make its keys live longer. */
test('a keyed POST during which all hosts stood still for longer than a fence lives is not sent again (F1)', async () => {
  const key = { 'io.toolplane/idempotency-key': 'suspended-hosts' };
  const arrived = upstream.nextRequest();
  const answer = call('book', key);
  await arrived;
  const pids = [pidOf('edge'), pidOf('data-plane'), platform.redisPid()];
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  // As in a suspended machine, the wall clock continues and the monotonic clock does not.
  for (const clock of clockOf.values()) clock.set(90);
  for (const pid of pids.toReversed()) process.kill(pid, 'SIGCONT');
  expect(outcomeOf(await answer)).toBe('unknown');
  expect(outcomeOf(await call('book', key))).toBe('unknown');
  expect(sent('POST')).toHaveLength(1);
});

async function listEnded(): Promise<string[]> {
  type Entry = { target?: { id: string } };
  const entries = await platform.rest.call<Entry[]>('GET', '/audit-log?kind=ended&limit=200').catch(() => []);
  return (entries ?? []).flatMap(({ target }) => target?.id ?? []);
}
