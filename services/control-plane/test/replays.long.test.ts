import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type BusConnection, connectBus, createDebugStreamWriter, type DebugStreamWriter } from '@toolplane/bus';
import type { Command, Json, Manifest, Recording, ReplayRequest } from '@toolplane/contracts';
import { digestOf, parseCallKeys } from '@toolplane/sealing';
import { flowerDocument, startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';
import { sealAnywhere } from './seal-anywhere.ts';

/* The data plane of these tests runs nothing. The tests check what it receives for a replay. */

let plane: TestControlPlane;
let commands: Command[];
let bus: BusConnection;
let writer: DebugStreamWriter;
let closeDataPlane: () => Promise<void>;
beforeAll(async () => {
  plane = await startTestControlPlane();
  const fake = fakeDataPlane(plane.sealingKey);
  commands = fake.commands;
  const dataPlane = await plane.serveCommands(fake.handle);
  closeDataPlane = () => dataPlane.close();
  bus = connectBus({ redisUrl: plane.redis.url });
  writer = await createDebugStreamWriter({ bus, keys: parseCallKeys(plane.keys.commands) });
});
afterAll(async () => {
  await bus[Symbol.asyncDispose]();
  await closeDataPlane();
  await plane.close();
});

const base = '/api/v1/mcp_manager';

let made = 0;
async function createServer(): Promise<string> {
  made += 1;
  const { body } = await plane.send('POST', base, { name: `replayed-${made}`, mode: 'NORMAL' });
  await deploy(body.data.id, `first-${made}`);
  return body.data.id;
}

async function deploy(server: string, marker: string): Promise<void> {
  const path = `/api/v1/mcp-servers/${server}/deploy`;
  // The plan must differ too, not only the description.
  const definition = flowerDocument(marker).replace('/tickets/', `/tickets-${marker}/`);
  expect((await plane.send('POST', path, { definition })).status).toBe(201);
}

async function publishedTool(server: string): Promise<Manifest['tools'][number]> {
  await using fresh = await plane.openSnapshot();
  const [tool] = (await fresh.getManifest(server))?.tools ?? [];
  if (tool === undefined) throw new Error('nothing is published');
  return tool;
}

async function recordingOf(server: string, rest: object = {}): Promise<Recording> {
  const { planDigest } = await publishedTool(server);
  return {
    format: 'toolplane-recording',
    version: 1,
    tool: 'ticket_status',
    plan_digest: planDigest,
    caller: 'key',
    recorded_at: '2026-01-01T00:00:00.000Z',
    inputs: { number: 1 },
    answers: [],
    outcome: 'done',
    ...rest,
  };
}

const replay = (server: string, body: object, key = plane.rootKey) =>
  plane.send('POST', `${base}/${server}/replays`, body, { key });

function lastAsked(): ReplayRequest {
  const command = commands.findLast((it) => it.command === 'replay_call');
  if (command === undefined) throw new Error('nothing was asked');
  return JSON.parse(gunzipSync(Buffer.from(command.gzipped, 'base64')).toString());
}

test('the plan that ran is found by its digest, even after other deployments, and current is what runs now', async () => {
  const server = await createServer();
  const recording = await recordingOf(server);
  await deploy(server, 'second');
  expect(await replay(server, { recording })).toMatchObject({ status: 200, body: { data: { matches: true } } });
  expect(digestOf(lastAsked().plan as Json)).toBe(recording.plan_digest);
  expect((await replay(server, { recording, against: 'current' })).status).toBe(200);
  expect(digestOf(lastAsked().plan as Json)).toBe((await publishedTool(server)).planDigest);
});

test('a plan of another server is not replayed, nor a tool that does not exist, nor anything without the permission', async () => {
  const [server, other] = [await createServer(), await createServer()];
  const recording = await recordingOf(other);
  const foreign = await replay(server, { recording });
  expect(foreign).toMatchObject({
    status: 404,
    body: { error: { message: expect.stringContaining('against: current') } },
  });
  const unknown = { recording: { ...recording, tool: 'no_such_tool' }, against: 'current' };
  expect((await replay(server, unknown)).status).toBe(404);
  const made = await plane.send('POST', '/api/v1/api-keys', { name: 'reads', permissions: ['servers:read'] });
  expect((await replay(other, { recording }, made.body.data.key)).status).toBe(403);
});

test.each([
  ['another format', { format: 'har' }, 'body.recording.format'],
  ['an unknown member', { extra: 1 }, 'body.recording.extra'],
  ['an answer without a step', { answers: [{ attempt: 1 }] }, 'body.recording.answers.0.step'],
  [
    'an invalid status',
    { answers: [{ step: 'a', attempt: 1, response: { status: 'x', headers: {} } }] },
    'body.recording.answers.0.response.status',
  ],
  ['inputs of which a part is missing', { cut: ['inputs'] }, 'body.recording.inputs'],
  ['a value nested too deeply to be examined', { inputs: { a: nested(300) } }, 'body.recording'],
  [
    'too many answers',
    { answers: Array.from({ length: 1001 }, () => ({ step: 'a', attempt: 1 })) },
    'body.recording.answers',
  ],
])('%s is refused with its place', async (_name, rest, path) => {
  const server = await createServer();
  const { status, body } = await replay(server, { recording: await recordingOf(server, rest) });
  expect(status).toBe(400);
  expect(body.error.details.map((it: { path: string }) => it.path)).toContain(path);
});

function nested(levels: number): Json {
  return levels === 0 ? 1 : [nested(levels - 1)];
}

test('a call of a debug session is exported as a recording that can be replayed, for whoever has its token', async () => {
  const server = await createServer();
  const { body } = await plane.send('POST', `${base}/${server}/debug-sessions`, {});
  const { id, token } = body.data;
  const of = { call_id: 'call-1', at: Date.now() };
  const place = { path: '', step_id: 'find', attempt: 1 };
  const { planDigest } = await publishedTool(server);
  const call = { server_id: server, tool: 'ticket_status', plan_digest: planDigest };
  writer.append(id, {
    kind: 'call',
    ...of,
    seq: 0,
    ...call,
    caller: 'key',
    inputs: { value: { number: 1 }, bytes: 12 },
  });
  writer.append(id, {
    kind: 'exchange',
    ...of,
    seq: 1,
    ...place,
    index: 0,
    duration_ms: 5,
    request: { method: 'GET', url: 'https://api.example.test/tickets/1', query: {}, headers: {} },
    response: { status: 200, headers: {}, body: { value: { status: 'open' }, bytes: 17 } },
  });
  writer.append(id, { kind: 'step', ...of, seq: 2, ...place, duration_ms: 6, action: { type: 'next' } });
  writer.append(id, {
    kind: 'end',
    ...of,
    seq: 3,
    duration_ms: 7,
    outcome: 'done',
    outputs: { value: { status: 'open' }, bytes: 17 },
  });
  writer.append(id, {
    kind: 'call',
    ...of,
    seq: 0,
    ...call,
    caller: 'key',
    call_id: 'call-2',
    inputs: { bytes: 0 },
  });
  await bus[Symbol.asyncDispose]();
  const path = `${base}/${server}/debug-sessions/${id}/calls`;
  const read = (callId: string, authorization = `Token ${token}`) =>
    plane.send('GET', `${path}/${callId}`, undefined, { headers: { authorization } });
  const exported = await read('call-1');
  expect(exported).toMatchObject({
    status: 200,
    body: {
      format: 'toolplane-recording',
      version: 1,
      tool: 'ticket_status',
      plan_digest: planDigest,
      outcome: 'done',
      inputs: { number: 1 },
      outputs: { status: 'open' },
      answers: [{ step: 'find', attempt: 1, response: { status: 200, body: { status: 'open' } } }],
    },
  });
  expect((await replay(server, { recording: exported.body })).status).toBe(200);
  expect((await read('call-2')).status).toBe(404);
  expect((await read('call-1', 'Token tpd_wrong')).status).toBe(401);
});

test('an environment names secrets of the server, and nothing that is itself replaced', async () => {
  const server = await createServer();
  const sealed = await sealAnywhere(plane.sealingKey, { value: 'a-secret-value', hosts: ['api.example.test'] });
  for (const name of ['TOKEN', 'STAGING_TOKEN']) {
    await plane.send('PUT', `/api/v1/mcp-servers/${server}/secrets/${name}`, { sealed });
  }
  const open = (environment: object) => plane.send('POST', `${base}/${server}/debug-sessions`, { environment });
  const [a, b] = ['https://a.example.test', 'https://b.example.test'];
  const refused = await open({ secrets: { TOKEM: 'STAGING_TOKEN' }, hosts: { [a]: b, [b]: a } });
  expect(refused).toMatchObject({
    status: 400,
    body: {
      error: {
        details: [
          { path: `body.environment.hosts.${a}`, message: `${b} is itself replaced` },
          { path: `body.environment.hosts.${b}` },
          { path: 'body.environment.secrets.TOKEM', suggestions: ['TOKEN'] },
        ],
      },
    },
  });
  expect((await open({ hosts: { 'https://a.example.test/path': b } })).status).toBe(400);
  expect((await open({ secrets: { TOKEN: 'STAGING_TOKEN' }, hosts: { [a]: b } })).status).toBe(201);
});
