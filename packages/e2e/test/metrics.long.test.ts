import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { metrics } from '@toolplane/contracts';
import { findPromtool } from '@toolplane/local/promtool';
import { projectFolder } from '@toolplane/local/services';
import { startOtlpReceiver } from '@toolplane/loopback/otlp-receiver';
import { Redis } from 'ioredis';
import { callPlainly } from '../src/plain-client.ts';
import {
  type DeployedServer,
  deployServer,
  type ServiceName,
  startPlatform,
  type TestPlatform,
} from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream } from '../src/upstream.ts';

/* What Prometheus reads from the three services after a mixed load: calls that succeed, fail, and never start. */

const CANARY = 'canary-in-a-payload';
const SECRET = 'canary-in-a-secret';
const services: ServiceName[] = ['edge', 'data-plane', 'control-plane'];

const resources = new AsyncDisposableStack();
let platform: TestPlatform;
let server: DeployedServer;

beforeAll(async () => {
  const collector = resources.use(await startOtlpReceiver());
  platform = resources.use(await startPlatform({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }));
  const upstream = resources.use(
    await startUpstream((request, response) => {
      if (request.path.startsWith('/broken')) return void response.destroy();
      response.writeHead(200, { 'content-type': 'application/json' }).end(`{"name":"${CANARY}"}`);
    }),
  );
  const flow = (id: string, path: string) => `
  - id: ${id}
    description: Gets the name of somebody by a text from the register.
    inputs: { properties: { text: { type: string, maxLength: 30, description: Any } } }
    steps:
      - id: fetch
        request:
          method: GET
          url: "${upstream.url}/${path}/$inputs.text"
          headers: { authorization: "Bearer $secrets.TOKEN" }
        outputs: { name: $response.body.name }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { name: $steps.fetch.outputs.name }
    analytics: { "order.city": Oslo, asked: $inputs.text }`;
  const definition = `
flower: "0.1"
id: people
flows:${flow('get_name', 'names')}${flow('get_nothing', 'broken')}
`;
  const secrets = { TOKEN: { value: SECRET, hosts: ['127.0.0.1'] } };
  server = await deployServer(platform, 'people', definition, secrets);
  const call = (name: string, given: Record<string, unknown>) => callPlainly(platform, server.id, name, given);
  for (let turn = 0; turn < 3; turn += 1)
    expect((await call('get_name', { text: CANARY })).result?.isError).toBeFalsy();
  expect((await call('get_nothing', { text: CANARY })).result?.isError).toBe(true);
  expect((await call('get_name', { text: 7 })).result?.isError).toBe(true);
  // No value that clients invent becomes a label.
  await call(`${CANARY}-tool`, {});
  await fetch(`${platform.mcp}/mcp/${CANARY}`, { method: 'PUT' });
  await fetch(`${platform.api}/api/v1/${CANARY}`);
}, 60_000);
afterAll(() => resources.disposeAsync());

async function rows(query: string): Promise<Record<string, unknown>[]> {
  const answer = await fetch(`${platform.api}/api/v1/calls?${query}`, { headers: { 'x-api-key': platform.apiKey } });
  return ((await answer.json()) as { data: Record<string, unknown>[] }).data;
}

test('every metric of the table is at the services it belongs to, and no other metric of ours is', async () => {
  for (const service of services) {
    const text = await platform.service(service).metrics();
    const there = Array.from(text.matchAll(/^# TYPE (toolplane_\w+) (\w+)$/gm), ([, name, type]) => `${name} ${type}`);
    const wanted = Object.entries(metrics)
      .filter(([, { of }]) => (of as readonly string[]).includes(service))
      .map(([name, { type }]) => `${name} ${type}`);
    expect([service, ...there.toSorted()]).toEqual([service, ...wanted.toSorted()]);
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
    expect(text).toMatch(/^process_cpu_seconds_total \d/m);
    expect(text).toContain(`toolplane_build_info{service="${service}",`);
  }
});

test('calls are counted by server, tool, outcome and code, and their time by where it went', async () => {
  const edge = await platform.service('edge').metrics();
  const calls = (tool: string, outcome: string, code: string) =>
    `toolplane_calls_total{server="${server.id}",tool="${tool}",outcome="${outcome}",code="${code}"}`;
  expect(edge).toContain(`${calls('get_name', 'done', '')} 3\n`);
  expect(edge).toContain(`${calls('get_name', 'not_started', 'invalid_arguments')} 1\n`);
  expect(edge).toContain(`${calls('get_nothing', 'unknown', 'upstream_unreachable')} 1\n`);
  expect(edge).toContain('toolplane_calls_refused_total{code="invalid_arguments"} 1\n');
  expect(edge).toContain('toolplane_calls_in_flight 0\n');
  expect(edge).toContain('toolplane_call_duration_seconds_count{outcome="done"} 3\n');
  for (const [phase, count] of Object.entries({ admission: 5, queue: 4, execution: 4, upstream: 4 })) {
    expect(edge).toContain(`toolplane_call_phase_seconds_count{phase="${phase}"} ${count}\n`);
  }
  expect(edge).toMatch(/^toolplane_leases_in_use{queue="calls"} \d+$/m);
  expect(edge).toContain('toolplane_queue_jobs{queue="calls",state="waiting"} 0\n');
  expect(edge).toContain('toolplane_redis_ready{connection="caller:calls"} 1\n');
  const dataPlane = await platform.service('data-plane').metrics();
  expect(dataPlane).toContain('toolplane_worker_calls_total{outcome="done",code=""} 3\n');
  expect(dataPlane).toContain('toolplane_upstream_requests_total{result="2xx"} 3\n');
  expect(dataPlane).toContain('toolplane_upstream_requests_total{result="upstream_unreachable"} 1\n');
  expect(dataPlane).toMatch(/^toolplane_secret_cache_total\{result="hit"\} [1-9]/m);
  const controlPlane = await platform.service('control-plane').metrics();
  expect(controlPlane).toMatch(
    /^toolplane_rest_requests_total\{method="POST",route="\/api\/v1\/mcp-servers\/\{id\}\/deploy",status="201"\} 1$/m,
  );
  expect(controlPlane).toContain('toolplane_rest_requests_total{method="GET",route="other",status="404"} 1\n');
  expect(controlPlane).toContain('toolplane_publication_pending 0\n');
  expect(controlPlane).toMatch(/^toolplane_database_connections\{state="idle"\} \d+$/m);
});

test('a service has one connection to Redis for each purpose, whatever uses it', async () => {
  await using stack = new AsyncDisposableStack();
  const redis = stack.adopt(new Redis(platform.redisUrl), (it) => it.disconnect());
  const clients = String(await redis.call('CLIENT', 'LIST')).split('\n');
  const connectionsOf = (service: ServiceName) =>
    clients
      .filter((line) => line.includes(` user=toolplane-${service} `))
      .map((line) => / name=(?:toolplane:)?(\S+)/.exec(line)?.[1] ?? line)
      .toSorted();
  const ofCaller = (queue: string) => [`caller:${queue}`, 'commands', 'documents', 'messages', `replies:${queue}`];
  expect(connectionsOf('edge')).toEqual(ofCaller('calls'));
  expect(connectionsOf('control-plane')).toEqual(ofCaller('commands'));
  // BullMQ names the connection on which it waits for the next job of a queue.
  const waiting = ['calls-2', 'commands-2'].map((queue) => `tp:queue:${Buffer.from(queue).toString('base64')}`);
  const ofWorkers = ['worker:calls', 'worker:commands'];
  const ofDataPlane = ['commands', 'documents', 'messages', ...waiting, ...ofWorkers];
  expect(connectionsOf('data-plane')).toEqual(ofDataPlane.toSorted());
});

test('an exemplar names a trace, and only clients that ask for OpenMetrics get any', async () => {
  const edge = platform.service('edge');
  expect(await edge.metrics('application/openmetrics-text')).toMatch(
    /outcome="done"\} \d+ # \{trace_id="[0-9a-f]{32}"\}/,
  );
  expect(await edge.metrics()).not.toContain('trace_id');
});

test('no metric contains anything of a payload or a secret', async () => {
  for (const service of services) {
    for (const accept of ['text/plain', 'application/openmetrics-text']) {
      const text = await platform.service(service).metrics(accept);
      expect(text).not.toContain('canary');
      expect(text.split('\n').length).toBeLessThan(1500);
    }
  }
});

test("Prometheus's own check finds no fault with them", async () => {
  const promtool = await findPromtool(join(projectFolder, '.cache'));
  for (const service of services) {
    const check = spawn(promtool, ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [check.stdout, check.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    check.stdin.end(await platform.service(service).metrics());
    const [code] = await once(check, 'close');
    expect([service, code, said]).toEqual([service, 0, '']);
  }
});

test('the call log has the same times for each call, and finds it by the values that its document records', async () => {
  await until(async () => (await rows('analytics=order.city=Oslo')).length === 4);
  const [broken, ...well] = await rows('analytics=asked');
  const reported = { queueMs: expect.any(Number), executionMs: expect.any(Number), upstreamMs: expect.any(Number) };
  const sizes = { requestBytes: expect.any(Number), responseBytes: expect.any(Number) };
  const analytics = { 'order.city': 'Oslo', asked: CANARY };
  expect(broken).toMatchObject({ ...reported, ...sizes, tool: 'get_nothing', analytics });
  for (const call of well) expect(call).toMatchObject({ ...reported, ...sizes, tool: 'get_name', analytics });
  expect((await rows('code=invalid_arguments'))[0]).not.toHaveProperty('executionMs');
});
