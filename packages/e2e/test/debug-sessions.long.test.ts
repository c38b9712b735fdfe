import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { DebugCallEvent, DebugEvent, FlowRun } from '@toolplane/contracts';
import { type OtlpReceiver, startOtlpReceiver } from '@toolplane/loopback/otlp-receiver';
import { type ReadEvent, readServerSentEvents } from '@toolplane/loopback/read-server-sent-events';
import { watchRedis } from '@toolplane/loopback/redis-monitor';
import { Redis } from 'ioredis';
import { dumpPlaces, findLeaks, formsOf, monitorRedis } from '../src/leaks.ts';
import { callPlainly } from '../src/plain-client.ts';
import { type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/*
 * A person watches the runs of a server with two edges and two data planes: every step is reported in order, secrets
 * never are, and nothing of what was reported remains anywhere when the session has ended.
 */

jest.setTimeout(120_000);

const secret = 'secret+/canary="5b0d41c7';
/** A text in requests and responses: it is shown while the session is open, and never appears anywhere else. */
const shown = 'shown-canary-7e21a9d4';

let platform: TestPlatform;
let upstream: Upstream;
let collector: OtlpReceiver;
let server: DeployedServer;
let otherServer: DeployedServer;
let edges: string[];

beforeAll(async () => {
  collector = await startOtlpReceiver();
  platform = await startPlatform({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: 'trace' });
  edges = [platform.mcp, (await platform.startReplica('edge')).url];
  await platform.startReplica('data-plane');
  const tries = new Map<string, number>();
  upstream = await startUpstream(({ path, headers, body }, response) => {
    const count = (tries.get(path) ?? 0) + 1;
    tries.set(path, count);
    // Each payment succeeds at the second attempt.
    const status = path.startsWith('/pay') && count % 2 === 1 ? 503 : 200;
    const echo = { note: `${shown} of ${path}`, sent: body, key: headers.authorization };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(echo));
  });
  const secrets = { KEY: { value: secret, hosts: [upstream.host] } };
  server = await deployServer(platform, 'debugged', document(upstream.url), secrets);
  otherServer = await deployServer(platform, 'not-debugged', document(upstream.url), secrets);
});
afterAll(async () => {
  await upstream?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
  await collector?.[Symbol.asyncDispose]();
});

const document = (url: string) => `
flower: "0.1"
id: shop
flows:
  - id: pay_order
    description: Looks an order up and pays it.
    inputs: { properties: { id: { type: string, description: Of the order }, note: { type: string, description: Any } } }
    steps:
      - id: look
        request:
          method: GET
          url: "${url}/orders/$inputs.id"
          headers: { Authorization: "Bearer $secrets.KEY" }
        outputs: { note: $response.body.note }
        actions: [{ when: "$statusCode == 200", do: next }]
      - id: pay
        request:
          method: POST
          url: "${url}/pay/$inputs.id"
          headers: { Authorization: "Bearer $secrets.KEY" }
          body: { note: $inputs.note }
        outputs: { key: $response.body.key }
        actions:
          - { when: "$statusCode == 503", do: retry, wait: 0, max_retry: 3 }
          - { do: next }
    outputs: { note: $steps.look.outputs.note, key: $steps.pay.outputs.key }
`;

type Session = { id: string; token: string; run_url: string; path: string };

async function open(request: object = {}, { id } = server): Promise<Session> {
  const made = await platform.rest.call<Session>('POST', `/mcp_manager/${id}/debug-sessions`, request);
  if (made === undefined) throw new Error('no session');
  await seenByEdges(id, made, true);
  return { ...made, path: `/api/v1/mcp_manager/${id}/debug-sessions/${made.id}` };
}

/** Waits until all edges know of a session or its end: they are notified a moment later. */
async function seenByEdges(serverId: string, { token }: Pick<Session, 'token'>, isOpen: boolean): Promise<void> {
  for (const edge of edges) {
    await until(async () => ((await run(edge, serverId, token, 'no_such_tool')).status !== 401) === isOpen);
  }
}

const headersOf = ({ token }: Pick<Session, 'token'>) => ({
  'x-api-key': platform.apiKey,
  authorization: `Token ${token}`,
});
const read = async <Data>(session: Session, what: string) => {
  const response = await fetch(`${platform.api}${session.path}/${what}`, { headers: headersOf(session) });
  return ((await response.json()) as { data: Data }).data;
};

type Follower = { texts: string[]; events: DebugEvent[]; end: Promise<ReadEvent | undefined> };

/** Follows the session's events until the stream ends. */
function follow(session: Session): Follower {
  const follower: Follower = { texts: [], events: [], end: readAll() };
  return follower;

  async function readAll(): Promise<ReadEvent | undefined> {
    const response = await fetch(`${platform.api}${session.path}/events`, { headers: headersOf(session) });
    for await (const event of readServerSentEvents(response)) {
      follower.texts.push(JSON.stringify(event));
      if (event.event === 'end') return event;
      if (event.data !== undefined) follower.events.push(JSON.parse(event.data) as DebugEvent);
    }
    return undefined;
  }
}

/** The events of each call, in the order in which they arrived. */
function byCall({ events }: Follower): DebugCallEvent[][] {
  const ofCalls = events.filter((event): event is DebugCallEvent => event.kind !== 'lost');
  return [...Map.groupBy(ofCalls, ({ call_id: id }) => id).values()];
}

const hasEnded = (events: DebugCallEvent[]) => events.at(-1)?.kind === 'end';
let callsMade = 0;
function call(edge: string, id: string, { id: serverId } = server) {
  callsMade += 1;
  return callPlainly({ ...platform, mcp: edge }, serverId, 'pay_order', { id, note: `${shown} sent` });
}

/** The spans of all calls, as the collector received them. */
async function readSpans(): Promise<string> {
  await collector.until((spans) => spans.filter(({ name }) => name === 'process calls').length >= callsMade);
  return collector.bodies.join('\n');
}

/** Runs a tool at the debug endpoint of an edge. */
async function run(edge: string, serverId: string, token: string, tool: string, init: RequestInit = {}, query = '') {
  const headers = { authorization: `Token ${token}`, ...init.headers };
  const response = await fetch(`${edge}/mcp/${serverId}/debug/${tool}${query}`, { ...init, headers });
  const text = await response.text();
  return { status: response.status, text, body: text.startsWith('{') ? (JSON.parse(text) as RunAnswer) : undefined };
}
type RunAnswer = { outputs?: Record<string, unknown>; trace?: FlowRun; outcome?: string; error?: { code: string } };

/** Records which Redis clients write events of a session. */
async function watchWriters(sessionId: string): Promise<Disposable & { writers: Set<string> }> {
  const writers = new Set<string>();
  const watch = await watchRedis(platform.redisUrl, ({ words, source }) => {
    if (words[0]?.toLowerCase() === 'evalsha' && words.includes(`tp:debug:${sessionId}`)) {
      if (words.includes('tp:debug-events')) writers.add(source);
    }
  });
  return { writers, [Symbol.dispose]: watch.stop };
}

const secretForms = formsOf(secret);
const shownForms = { plain: shown, base64: Buffer.from(shown).toString('base64').slice(0, -4) };

test('followed live from two edges and two data planes, every step of every call is reported in order, without secrets (T10)', async () => {
  const session = await open();
  using watched = await watchWriters(session.id);
  using monitor = await monitorRedis(platform.redisUrl);
  const follower = follow(session);
  let made = 0;
  // Calls are made until both data planes have run some.
  while (watched.writers.size < 2 || made < 8) {
    const answers = await Promise.all(edges.map((edge) => call(edge, `order-${made++}`)));
    for (const { result } of answers) expect(result?.isError).toBeUndefined();
    if (made > 200) throw new Error('one data plane has had all');
  }
  // Calls to another server are not followed.
  await call(platform.mcp, 'elsewhere', otherServer);
  await until(async () => byCall(follower).filter(hasEnded).length === made);

  for (const events of byCall(follower)) {
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index));
    expect(events.map(nameOf)).toEqual([
      'call pay_order',
      'exchange look 1: 200',
      'step look 1: next',
      'exchange pay 1: 503',
      'step pay 1: retry',
      'exchange pay 2: 200',
      'step pay 2: next',
      'end done',
    ]);
  }
  expect(follower.events.filter(({ kind }) => kind === 'lost')).toEqual([]);
  const callers = new Set(follower.events.flatMap((event) => (event.kind === 'call' ? [event.caller] : [])));
  expect([...callers]).toEqual(['key']);

  const calls = await read<{ call_id: string; tool: string; outcome: string }[]>(session, 'calls');
  expect(calls.map(({ tool, outcome }) => `${tool} ${outcome}`)).toEqual(Array(made).fill('pay_order done'));
  const trace = await read<FlowRun>(session, `calls/${calls[0]?.call_id}/trace`);
  expect(trace.children.map((step) => ('step_id' in step ? `${step.step_id} ${step.attempt}` : ''))).toEqual([
    'look 1',
    'pay 1',
    'pay 2',
  ]);
  expect(JSON.stringify(trace)).toContain(`${shown} sent`);

  // The person sees the text; during the session, the secret is nowhere, and the text is in Redis only in sealed form.
  const seen = { stream: follower.texts.join('\n'), trace: JSON.stringify(trace), calls: JSON.stringify(calls) };
  expect(seen.stream).toContain(shown);
  const { 'secret files, which are encrypted': _files, ...kept } = await dumpPlaces(platform);
  const places = { ...kept, 'Redis traffic': monitor.traffic.join('\n'), spans: await readSpans() };
  expect(findLeaks({ ...seen, ...places }, secretForms)).toEqual([]);
  expect(findLeaks(places, shownForms)).toEqual([]);

  await platform.rest.call('DELETE', session.path.replace('/api/v1', ''));
  expect(await follower.end).toEqual({ event: 'end', data: '{"reason":"stopped"}' });
});

function nameOf(event: DebugCallEvent): string {
  switch (event.kind) {
    case 'call':
      return `call ${event.tool}`;
    case 'exchange':
      return `exchange ${event.step_id} ${event.attempt}: ${event.response?.status}`;
    case 'step':
      return `step ${event.step_id} ${event.attempt}: ${event.action?.type}`;
    case 'flow':
      return `flow ${event.flow_id}`;
    case 'end':
      return `end ${event.outcome}`;
  }
}

test('nothing of it is left in Redis, PostgreSQL, logs or spans after it ends, not even of calls that end later (T10)', async () => {
  const session = await open();
  const follower = follow(session);
  await call(platform.mcp, 'left-1');
  await until(async () => byCall(follower).some(hasEnded));
  const late = edges.map((edge, index) => call(edge, `left-late-${index}`));
  await platform.rest.call('DELETE', session.path.replace('/api/v1', ''));
  await Promise.all(late);
  await follower.end;
  await seenByEdges(server.id, session, false);
  await call(platform.mcp, 'after');

  const redis = new Redis(platform.redisUrl);
  expect(await redis.keys('tp:debug:*')).toEqual([]);
  redis.disconnect();
  const { 'secret files, which are encrypted': _files, ...kept } = await dumpPlaces(platform);
  const places = { ...kept, spans: await readSpans() };
  expect(findLeaks(places, { ...secretForms, ...shownForms, token: session.token })).toEqual([]);
  // Only the session itself is recorded: who opened it, and when.
  expect(kept.PostgreSQL).toContain(session.id);
  expect(await read(session, 'calls')).toEqual([]);
});
