import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { attributeNames, spanEventNames } from '@toolplane/contracts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '@toolplane/loopback/otlp-receiver';
import { askModern } from '../src/ask-modern.ts';
import { requestRest } from '../src/connectors.ts';
import { startModernExternal, type TestExternalServer } from '../src/external-servers.ts';
import { dumpPlaces, findLeaks, formsOf, monitorRedis } from '../src/leaks.ts';
import { callPlainly, listToolNames } from '../src/plain-client.ts';
import { type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/*
 * What a collector receives of calls of all kinds from services that sample nothing on their own: the calls that
 * callers sample and those that fail, each as one connected trace.
 */

const canary = 'canary-of-traces-5d0c2e71';
const jaeger = 'https://jaeger.example.test';

let platform: TestPlatform;
let upstream: Upstream;
let external: TestExternalServer;
let collector: OtlpReceiver;
let monitor: Awaited<ReturnType<typeof monitorRedis>>;
let people: DeployedServer;
let smart: DeployedServer;
let guests: DeployedServer;

const step = (path: string, more = '') => `
    steps:
      - id: ask
        request: { method: POST, url: "${upstream.url}/${path}", body: { text: $inputs.text } }
        outputs: { name: $response.body.name }${more}
    outputs: { name: $steps.ask.outputs.name }`;
const inputs = `
    description: Asks the upstream for a name and gives that back.
    inputs: { properties: { text: { type: string, description: Any } } }`;

beforeAll(async () => {
  collector = await startOtlpReceiver();
  platform = await startPlatform({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_SAMPLER_ARG: '0',
    LOG_LEVEL: 'debug',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    JAEGER_URL: `${jaeger}/`,
  });
  monitor = await monitorRedis(platform.redisUrl);
  external = await startModernExternal();
  const tries = new Map<string, number>();
  upstream = await startUpstream(({ path }, response) => {
    const nth = (tries.get(path) ?? 0) + 1;
    tries.set(path, nth);
    if (path === '/slow') return;
    const isBad = path === '/bad' || (path === '/flaky' && nth % 2 === 1);
    response.writeHead(isBad ? 503 : 200, { 'content-type': 'application/json' }).end(`{"name":"${canary}"}`);
  });
  people = await deployServer(
    platform,
    'people',
    `
flower: "0.1"
id: people
flows:
  - id: good${inputs}${step('good')}
  - id: flaky${inputs}${step('flaky', `\n        actions: [{ when: "$statusCode == 200", do: next }, { do: retry, wait: 1 }]`)}
  - id: bad${inputs}${step('bad', `\n        actions: [{ when: "$statusCode == 200", do: next }]`)}
  - id: slow${inputs}${step('slow', '\n        x-timeout: 1')}
  - id: asking
    x-task: { support: optional, ask: within }
    x-ask:
      sure: { elicit: { message: Really?, schema: { properties: { sure: { type: boolean, description: Yes } }, required: [sure] } } }${inputs}${step('good')}
`,
  );
  smart = (await requestRest(platform, 'POST', '/mcp-servers', { name: 'smart' })).body.data;
  const externalMcpConfigs = [{ name: 'guests', url: external.url, tools: ['*'] }];
  guests = (await requestRest(platform, 'POST', '/mcp-servers', { name: 'guests', mode: 'NORMAL', externalMcpConfigs }))
    .body.data;
  await until(async () => (await listToolNames(platform, guests.id)).length > 0);
}, 90_000);

afterAll(async () => {
  monitor?.[Symbol.dispose]();
  for (const each of [upstream, external, platform, collector]) await each?.[Symbol.asyncDispose]();
});

const clientSpanId = 'b7ad6b7169203331';
let traces = 0;

/** The trace context of a client, with a new trace each time. */
function newTrace(flags: '00' | '01') {
  traces += 1;
  const id = traces.toString(16).padStart(32, 'a');
  const headers = {
    traceparent: `00-${id}-${clientSpanId}-${flags}`,
    tracestate: `v=${canary}`,
    baggage: `b=${canary}`,
  };
  return { id, headers, spans: () => collector.spans.filter(({ traceId }) => traceId === id) };
}

type Trace = ReturnType<typeof newTrace>;

/** Waits until the trace contains a span for each name; a name that is listed several times needs as many spans. */
const holds = (trace: Trace, ...names: string[]) =>
  collector.until(() => {
    const left = trace.spans().map(({ name }) => name);
    return names.every((name) => left.splice(left.indexOf(name) >>> 0, 1).length === 1);
  });

/** Spans whose parent is missing: in a connected trace, only those under the client's own span. */
function loose(spans: ReceivedSpan[]): string[] {
  const ids = new Set([...spans.map(({ spanId }) => spanId), clientSpanId]);
  return spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? '')).map(({ name }) => name);
}

const call = (name: string, trace: Trace, server = people, headers: Record<string, string> = {}) =>
  callPlainly(platform, server.id, name, { text: canary }, { headers: { ...trace.headers, ...headers } });

const whole = ['send calls', 'process calls', 'step ask', 'POST'];

describe('a call that its caller samples is one connected trace', () => {
  test.each([
    ['that succeeds', 'good', whole],
    ['that is retried', 'flaky', [...whole, 'step ask', 'POST']],
    ['that fails', 'bad', whole],
    ['that times out', 'slow', whole],
  ])('%s', async (_what, name, spans) => {
    const trace = newTrace('01');
    await call(name, trace);
    await holds(trace, `tools/call ${name}`, ...spans);
    expect([trace.spans().length, loose(trace.spans())]).toEqual([spans.length + 1, []]);
  });

  test('of an external server', async () => {
    const trace = newTrace('01');
    const tool = (await listToolNames(platform, guests.id)).find((name) => name.endsWith('show_request')) ?? '';
    await callPlainly(platform, guests.id, tool, {}, { headers: trace.headers });
    await holds(trace, 'send calls', 'process calls', 'POST');
    expect([trace.spans().length, loose(trace.spans())]).toEqual([4, []]);
  });

  test('of a batch of a server in mode SMART', async () => {
    const trace = newTrace('01');
    const calls = ['good', 'bad'].map((name) => ({ slug: `people.${name}`, arguments: { text: canary } }));
    await callPlainly(platform, smart.id, 'execute_tools', { calls }, { headers: trace.headers });
    await holds(trace, 'tools/call execute_tools', 'tools/call good', 'tools/call bad', ...whole, ...whole);
    expect([trace.spans().length, loose(trace.spans())]).toEqual([11, []]);
  });

  test('and says by its events what was decided, retried and waited for', async () => {
    const trace = newTrace('01');
    await call('flaky', trace);
    await holds(trace, ...whole, 'step ask', 'POST');
    const steps = trace.spans().filter(({ name }) => name === 'step ask');
    const [first, second] = steps.toSorted((a) => (a.attributes['toolplane.step.attempt'] === 1 ? -1 : 1));
    expect(
      [first?.events, second?.events].map((events) => events?.map(({ name, attributes }) => [name, attributes])),
    ).toEqual([
      [
        [
          'decision',
          { 'toolplane.decision.on': 'success', 'toolplane.action': 'retry', 'toolplane.decision.index': 1 },
        ],
        ['wait', { 'toolplane.wait_ms': 1000 }],
      ],
      [
        ['attempt', { 'toolplane.step.attempt': 2 }],
        ['decision', { 'toolplane.decision.on': 'success', 'toolplane.action': 'next', 'toolplane.decision.index': 0 }],
      ],
    ]);
  });
});

describe('of calls that nobody samples', () => {
  test('those that fail are recorded whole, from both services, and those that succeed are not', async () => {
    const [good, bad, batch] = [newTrace('00'), newTrace('00'), newTrace('00')];
    await call('good', good);
    await call('bad', bad);
    const calls = ['good', 'bad'].map((name) => ({ slug: `people.${name}`, arguments: { text: canary } }));
    await callPlainly(platform, smart.id, 'execute_tools', { calls }, { headers: batch.headers });
    await holds(bad, 'tools/call bad', ...whole);
    await holds(batch, 'tools/call execute_tools', 'tools/call good', 'tools/call bad', ...whole);
    expect([loose(bad.spans()), new Set(bad.spans().map(({ service }) => service))]).toEqual([
      [],
      new Set(['toolplane-edge', 'toolplane-data-plane']),
    ]);
    expect(loose(batch.spans())).toEqual([]);
    expect(good.spans()).toEqual([]);
  });

  test('the row of a failed one in the call log leads to its trace, and so does its line in the log', async () => {
    const [good, bad] = [newTrace('00'), newTrace('00')];
    await call('good', good);
    const answer = await call('bad', bad);
    expect(answer.result).toMatchObject({ _meta: { 'io.toolplane/traceId': bad.id } });
    await holds(bad, 'tools/call bad', ...whole);
    const rows = async () =>
      (await requestRest(platform, 'GET', '/calls?limit=200')).body.data as { traceId?: string }[];
    await until(async () => (await rows()).some(({ traceId }) => traceId === bad.id));
    const found = await rows();
    expect(found.filter(({ traceId }) => traceId === good.id)).toEqual([]);
    const row = found.find(({ traceId }) => traceId === bad.id);
    expect(row).toMatchObject({ traceUrl: `${jaeger}/trace/${bad.id}` });
    const { id } = row as unknown as { id: string };
    // The call has the same id in its row, its spans of both services and its log lines.
    const ids = bad.spans().flatMap(({ attributes }) => attributes['toolplane.call.id'] ?? []);
    expect(ids).toEqual([id, id]);
    const lines = () => logged().filter((line) => line['trace_id'] === bad.id);
    await until(async () => lines().length === 2);
    const [root] = bad.spans().filter(({ parentSpanId }) => parentSpanId === clientSpanId);
    expect(lines().find(({ service }) => service === 'edge')).toMatchObject({
      msg: 'a call failed',
      call_id: id,
      span_id: root?.spanId,
      'toolplane.server.id': people.id,
      'error.type': 'no_action_matched',
      'gen_ai.tool.name': 'bad',
    });
    expect(lines().find(({ service }) => service === 'data-plane')).toMatchObject({
      msg: 'a call was run',
      call_id: id,
    });
  });
});

describe('links', () => {
  test('a call repeated with its idempotency key is linked to the one that ran', async () => {
    const [first, again] = [newTrace('01'), newTrace('01')];
    const key = { 'idempotency-key': 'once' };
    await call('good', first, people, key);
    await holds(first, 'tools/call good', ...whole);
    const { result } = await call('good', again, people, key);
    expect(Object.keys((result as { _meta?: object })._meta ?? {})).toEqual(['io.toolplane/replayed']);
    await holds(again, 'tools/call good');
    const [ran] = first.spans().filter(({ parentSpanId }) => parentSpanId === clientSpanId);
    expect(again.spans()).toMatchObject([
      { links: [{ traceId: first.id, spanId: ran?.spanId }], attributes: { 'toolplane.call.replayed': true } },
    ]);
  });

  test('a round of a task that was requested later is linked to the call that began it', async () => {
    const trace = newTrace('01');
    const { result } = await ask(
      'tools/call',
      'asking',
      { name: 'asking', arguments: { text: canary } },
      trace.headers,
    );
    const { taskId } = result as { taskId: string };
    const get = async () => (await ask('tasks/get', taskId, { taskId })).result['status'];
    await until(async () => (await get()) === 'input_required');
    const inputResponses = { sure: { action: 'accept', content: { sure: true } } };
    await ask('tasks/update', taskId, { taskId, inputResponses });
    await until(async () => (await get()) === 'completed');
    const isLater = ({ links }: ReceivedSpan) => links.some(({ traceId }) => traceId === trace.id);
    await collector.until((spans) => spans.some(isLater));
    const later = collector.spans.find(isLater);
    const [first] = trace.spans().filter(({ parentSpanId }) => parentSpanId === clientSpanId);
    expect([later?.name, later?.links]).toEqual(['tools/call asking', [{ traceId: trace.id, spanId: first?.spanId }]]);
  });
});

test('a command is a part of the request that it is for, down to the data plane', async () => {
  const before = collector.spans.length;
  // Nobody listens at this address; the request answers that failure with a 5xx.
  const { status } = await requestRest(platform, 'POST', '/mcp-servers/load-tools-from-url', {
    url: 'http://127.0.0.1:1/',
  });
  expect(status).toBeGreaterThanOrEqual(500);
  // Commands of other tasks are processed too, and each service reports its spans at its own time.
  const isProcessed = ({ name, attributes }: ReceivedSpan) =>
    name === 'process commands' && attributes['toolplane.command'] === 'inspect_external_server';
  const parentOf = (child: ReceivedSpan | undefined) =>
    collector.spans.find(({ traceId, spanId }) => traceId === child?.traceId && spanId === child?.parentSpanId);
  const chain = () => {
    const processed = collector.spans.slice(before).find(isProcessed);
    const sent = parentOf(processed);
    return [parentOf(sent), sent, processed];
  };
  await collector.until(() => !chain().includes(undefined));
  expect(chain().map((span) => `${span?.service}: ${span?.name}`)).toEqual([
    'toolplane-control-plane: POST /api/v1/mcp-servers/load-tools-from-url',
    'toolplane-control-plane: send commands',
    'toolplane-data-plane: process commands',
  ]);
});

test('spans have allowed attributes and events only; nothing of a call, of its baggage or of its state leaks', async () => {
  const named = collector.spans.flatMap((span) => [span, ...span.events].flatMap((it) => Object.keys(it.attributes)));
  expect(named.filter((name) => !attributeNames.has(name))).toEqual([]);
  const events = collector.spans.flatMap((span) => span.events.map(({ name }) => name));
  expect(events.filter((name) => !spanEventNames.has(name))).toEqual([]);
  expect(new Set(collector.spans.map(({ resource }) => resource['deployment.environment.name']))).toEqual(
    new Set(['test']),
  );
  const { logs, PostgreSQL } = await dumpPlaces(platform);
  const sent = JSON.stringify(upstream.requests.map(({ headers }) => headers));
  const places = {
    logs,
    PostgreSQL,
    wire: collector.bodies.join('\n'),
    sent,
    Redis: monitor.traffic.join('\n'),
  };
  expect(findLeaks(places, formsOf(canary))).toEqual([]);
  expect(sent).not.toMatch(/traceparent|tracestate|baggage/);
});

function logged(): Record<string, unknown>[] {
  const lines = platform.logs().split('\n');
  return lines.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : []));
}

function ask(method: string, name: string, params: Record<string, unknown>, headers: Record<string, string> = {}) {
  return askModern(platform, people.id, { method, name, params, headers, capabilities: { elicitation: {} } });
}
