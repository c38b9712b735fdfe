import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Recording, type Replay, recordingSchema } from '@toolplane/contracts';
import { type OtlpReceiver, startOtlpReceiver } from '@toolplane/loopback/otlp-receiver';
import { dumpPlaces, findLeaks, formsOf, monitorRedis } from '../src/leaks.ts';
import { callPlainly } from '../src/plain-client.ts';
import { type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/*
 * What a user does with a call from a debug session: exports it, replays it against the plan that ran and against the
 * current one, and keeps it as a test; and runs a tool in an environment other than that of its document.
 */

jest.setTimeout(120_000);

const secret = 'secret+/canary="c0ffee77';
const stagingSecret = 'secret+/canary="57a61467';
/** A text in requests and responses. */
const shown = 'shown-canary-19c4e7d2';
/** A host that does not exist: a replay reaches no host. */
const nowhere = 'https://api.shop.example';

let platform: TestPlatform;
let upstream: Upstream;
let staging: Upstream;
let collector: OtlpReceiver;
let server: DeployedServer;

beforeAll(async () => {
  collector = await startOtlpReceiver();
  platform = await startPlatform({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: 'trace' });
  let payments = 0;
  upstream = await startUpstream(({ path, headers, body }, response) => {
    const isPayment = path.startsWith('/pay');
    if (isPayment) payments += 1;
    const status = isPayment && payments % 2 === 1 ? 503 : 200;
    const order = isPayment ? { paid: true, sent: body, key: headers.authorization } : { total: 12.5, note: shown };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(order));
  });
  staging = await startUpstream(({ headers }, response) => {
    const order = { total: 1, note: 'staging', paid: true, key: headers.authorization };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(order));
  });
  server = await deployServer(platform, 'replayed', shop(upstream.url), {
    KEY: { value: secret, hosts: [upstream.host] },
    STAGING_KEY: { value: stagingSecret, hosts: [staging.host] },
  });
});
afterAll(async () => {
  for (const each of [upstream, staging, platform, collector]) await each?.[Symbol.asyncDispose]();
});

function shop(url: string, { retryOn = 503 } = {}): string {
  return `
flower: "0.1"
id: shop
flows:
  - id: pay_order
    description: Looks an order up and pays it.
    inputs: { properties: { id: { type: string, description: Of the order } }, required: [id] }
    steps:
      - id: look
        request:
          method: GET
          url: "${url}/orders/$inputs.id"
          headers: { Authorization: "Bearer $secrets.KEY" }
        outputs: { total: $response.body.total, note: $response.body.note }
        actions: [{ when: "$statusCode == 200", do: next }]
      - id: pay
        request:
          method: POST
          url: "${url}/pay/$inputs.id"
          headers: { Authorization: "Bearer $secrets.KEY" }
          body: { total: $steps.look.outputs.total }
        outputs: { paid: $response.body.paid, key: $response.body.key }
        actions:
          - { when: "$statusCode == ${retryOn}", do: retry, wait: 1, max_retry: 3 }
          - { when: "$statusCode == 200", do: next }
    outputs: { paid: $steps.pay.outputs.paid, note: $steps.look.outputs.note, key: $steps.pay.outputs.key }
`;
}

type Session = { id: string; token: string; run_url: string; path: string };

async function open(request: object = {}): Promise<Session> {
  const path = `/mcp_manager/${server.id}/debug-sessions`;
  const made = await platform.rest.call<Session>('POST', path, request);
  if (made === undefined) throw new Error('no session');
  // Edges are notified a moment later.
  await until(async () => (await run(made, 'no_such_tool')).status !== 401);
  return { ...made, path: `/api/v1${path}/${made.id}` };
}

const close = ({ path }: Session) => platform.rest.call('DELETE', path.replace('/api/v1', ''));

const run = ({ run_url: url, token }: Pick<Session, 'run_url' | 'token'>, tool: string) =>
  fetch(`${url.replace('{tool}', tool)}?id=a7`, { headers: { authorization: `Token ${token}` } });

async function read(session: Session, what: string): Promise<string> {
  const headers = { 'x-api-key': platform.apiKey, authorization: `Token ${session.token}` };
  return (await fetch(`${platform.api}${session.path}/${what}`, { headers })).text();
}

/** Records the only call of a new session when it has ended. */
async function record(): Promise<{ text: string; recording: Recording }> {
  const session = await open();
  const { result } = await callPlainly(platform, server.id, 'pay_order', { id: 'a7' });
  expect(result?.isError).toBeUndefined();
  let calls: { call_id: string; outcome?: string }[] = [];
  await until(async () => {
    calls = (JSON.parse(await read(session, 'calls')) as { data: typeof calls }).data;
    return calls[0]?.outcome !== undefined;
  });
  const text = await read(session, `calls/${calls[0]?.call_id}`);
  await close(session);
  return { text, recording: recordingSchema.parse(JSON.parse(text)) };
}

async function replay(on: DeployedServer, recording: Recording, against: 'recorded' | 'current'): Promise<Replay> {
  const replayed = await platform.rest.call<Replay>('POST', `/mcp_manager/${on.id}/replays`, { recording, against });
  if (replayed === undefined) throw new Error('no replay');
  return replayed;
}

const deploy = (definition: string, { id } = server) =>
  platform.rest.call('POST', `/mcp-servers/${id}/deploy`, { definition });

test('a call is exported without its secrets, and replayed without an upstream: as it was, and as it would be now (T10)', async () => {
  const { text, recording } = await record();
  expect(recording.answers.map(({ step, attempt, response }) => `${step} ${attempt}: ${response?.status}`)).toEqual([
    'look 1: 200',
    'pay 1: 503',
    'pay 2: 200',
  ]);
  const seen = upstream.requests.length;
  using monitor = await monitorRedis(platform.redisUrl);
  const same = await replay(server, recording, 'recorded');
  expect(same.differences).toEqual([]);
  expect(same).toMatchObject({ matches: true, outputs: { paid: true, note: shown, key: 'Bearer [secret:KEY]' } });

  await deploy(shop(upstream.url, { retryOn: 500 }));
  expect(await replay(server, recording, 'recorded')).toMatchObject({ matches: true });
  const other = await replay(server, recording, 'current');
  expect(other.differences).toMatchObject([
    { kind: 'error', step: 'pay', attempt: 1, replayed: 'no_action_matched' },
    { kind: 'action', step: 'pay', attempt: 1, recorded: { type: 'retry' } },
    { kind: 'unasked', step: 'pay', attempt: 2 },
    { kind: 'error', replayed: 'no_action_matched' },
    { kind: 'outputs', recorded: { paid: true } },
  ]);
  const failed = other.trace.children.find((it) => it.type === 'step.run' && it.step_id === 'pay');
  expect(failed).toMatchObject({ decision: { actions: [{ matches: false }, { matches: false }] } });
  await deploy(shop(upstream.url));
  expect(upstream.requests).toHaveLength(seen);

  const { 'secret files, which are encrypted': _files, ...kept } = await dumpPlaces(platform);
  const places = { ...kept, 'Redis traffic': monitor.traffic.join('\n'), spans: collector.bodies.join('\n') };
  const reported = { recording: text, replays: JSON.stringify([same, other]) };
  expect(findLeaks({ ...places, ...reported }, formsOf(secret))).toEqual([]);
  expect(reported.recording).toContain(shown);
  expect(findLeaks(places, { plain: shown })).toEqual([]);
});

/** The recording without values that change from run to run, or with the address of the upstream. */
const withoutTimes = (recording: Recording) =>
  JSON.parse(
    JSON.stringify({ ...recording, plan_digest: '', recorded_at: '' })
      .replaceAll(upstream.url, nowhere)
      .replaceAll(/"duration_ms":[\d.]+/g, '"duration_ms":0')
      .replaceAll(/"date":"[^"]+"/g, '"date":""'),
  );

test('a recording kept as a file is a test: it passes, and names the place where it fails once the tool has changed', async () => {
  const file = new URL('../testdata/recordings/pay-order.json', import.meta.url);
  const recording = recordingSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  // The file equals the recording of a real run.
  expect(withoutTimes((await record()).recording)).toEqual(withoutTimes(recording));

  const shopServer = await deployServer(platform, 'kept-as-a-test', shop(nowhere));
  expect((await replay(shopServer, recording, 'current')).differences).toEqual([]);
  await deploy(shop(nowhere).replace('{ total: $steps', '{ amount: $steps'), shopServer);
  expect((await replay(shopServer, recording, 'current')).differences).toMatchObject([
    { kind: 'request', step: 'pay', attempt: 1, pointer: '/body/total', recorded: 12.5 },
    { kind: 'request', step: 'pay', attempt: 1, pointer: '/body/amount', replayed: 12.5 },
    { kind: 'request', step: 'pay', attempt: 2 },
    { kind: 'request', step: 'pay', attempt: 2 },
  ]);
});

test('with its environment the debugger reaches staging with its secret and never production, and calls of agents are unaffected (T10)', async () => {
  const hosts = { [upstream.url]: staging.url };
  const session = await open({ environment: { hosts, secrets: { KEY: 'STAGING_KEY' } } });
  const seen = upstream.requests.length;
  const answer = await run(session, 'pay_order');
  const text = await answer.text();
  expect([answer.status, text]).toEqual([200, expect.any(String)]);
  expect(JSON.parse(text)).toMatchObject({
    outputs: { note: 'staging', key: 'Bearer [secret:KEY]' },
    trace: { notes: [expect.stringContaining(upstream.url), 'Environment: STAGING_KEY replaced KEY'] },
  });
  expect(upstream.requests).toHaveLength(seen);
  expect(staging.requests.map(({ headers }) => headers.authorization)).toEqual(
    Array(2).fill(`Bearer ${stagingSecret}`),
  );

  const { result } = await callPlainly(platform, server.id, 'pay_order', { id: 'a8' });
  expect(result).toMatchObject({ structuredContent: { note: shown } });
  expect(staging.requests).toHaveLength(2);
  await close(session);

  const other = await open({ environment: { hosts } });
  expect(await (await run(other, 'pay_order')).json()).toMatchObject({ error: { code: 'secret_host_denied' } });
  expect(staging.requests).toHaveLength(2);
  await close(other);
});
