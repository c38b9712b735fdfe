import { afterAll, expect, test } from '@jest/globals';
import { attributeNames } from '@toolplane/contracts';
import { startTelemetry } from '@toolplane/service-kit';
import { createConnectionServices } from '../../test/connection-services.ts';
import { openClient, resolveToLoopback } from '../../test/open-client.ts';
import { planOf } from '../../test/plan.ts';
import { secretOf } from '../../test/run-tool.ts';
import { json, startUpstream } from '../../test/upstream.ts';
import { systemClock } from './clock.ts';
import { createCallHandler } from './handle-call.ts';

const CANARY = 'sk_canary_0123456789';
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT_ID = 'b7ad6b7169203331';

type ExportedSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  attributes: { key: string; value: Record<string, unknown> }[];
  status: { code?: number; message?: string };
};

const client = openClient({ resolve: resolveToLoopback });
afterAll(() => client.close());

/** Runs a call with one retry and returns what an OTLP collector received. */
async function exportSpans(): Promise<{ spans: ExportedSpan[]; text: string; upstreamHeaders: object[] }> {
  let answered = 0;
  await using api = await startUpstream((request, response) => {
    answered += 1;
    json({ echo: request.headers }, answered === 1 ? 503 : 200)(request, response);
  });
  await using collector = await startUpstream(json({}));
  const telemetry = await startTelemetry('data-plane', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const stored = {
    KEY: secretOf(CANARY),
    HOOK: secretOf(`http://canary.example.com:${api.port}/`, 'canary.example.com'),
  };
  const plan = planOf(
    [
      {
        id: 'find',
        url: `${api.url}/tickets/$inputs.id`,
        query: { key: '$secrets.KEY' },
        secrets: ['KEY'],
        actions: [{ do: 'retry', when: '$statusCode == 503' }, { do: 'next' }],
      },
      { id: 'given', url: '$secrets.HOOK', secrets: ['HOOK'] },
      { id: 'lost', url: 'http://127.0.0.1:1/' },
    ],
    {},
    { allowedHosts: ['canary.example.com'] },
  );
  // This is never a valid regular expression, whatever the argument is.
  const pattern = ['(', { path: ['inputs', 'id'] }];
  const broken = { kind: 'regex' as const, in: { kind: 'reference' as const, path: ['inputs', 'id'] }, pattern };
  plan.steps[0]?.actions.unshift({ do: 'end', when: broken });
  const handle = createCallHandler({
    getPlan: async () => plan,
    openTrace: async () => undefined,
    services: {
      ...createConnectionServices(client),
      client,
      clock: systemClock,
      secrets: { get: async ({ name }) => stored[name as keyof typeof stored], expire: () => {} },
      onInternalError: () => {},
    },
  });
  await handle({
    callId: 'call-1',
    tenant: 'ws',
    deadline: Date.now() + 10_000,
    signal: new AbortController().signal,
    notify: () => {},
    ask: async () => ({}),
    leaveSlot: () => {},
    report: { upstreamMs: 0, upstreamRequests: 0 },
    body: {
      version: 1,
      workspaceId: 'ws',
      serverId: 'srv',
      tool: 'tool',
      planDigest: 'digest',
      arguments: { id: `${CANARY}-argument` },
      caller: { config: {} },
      traceparent: `00-${TRACE_ID}-${PARENT_ID}-01`,
    },
  });
  await telemetry?.[Symbol.asyncDispose]();
  const text = collector.seen.map(({ body }) => body).join('\n');
  const spans = collector.seen.flatMap(({ body }) =>
    JSON.parse(body).resourceSpans.flatMap((resource: { scopeSpans: { spans: ExportedSpan[] }[] }) =>
      resource.scopeSpans.flatMap((scope) => scope.spans),
    ),
  );
  return { spans, text, upstreamHeaders: api.seen.map(({ headers }) => headers) };
}

const exported = exportSpans();

function attributesOf(span: ExportedSpan | undefined): Record<string, unknown> {
  return Object.fromEntries((span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]]));
}

test('one trace: the call continues the client’s, and contains each try of a step with its request', async () => {
  const { spans } = await exported;
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
  const parents = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  const tree = spans.map(({ name, parentSpanId = '' }) => `${parents.get(parentSpanId) ?? parentSpanId} > ${name}`);
  expect(tree.sort()).toEqual([
    `${PARENT_ID} > process calls`,
    'process calls > step find',
    'process calls > step find',
    'process calls > step given',
    'process calls > step lost',
    'step find > GET',
    'step find > GET',
    'step given > GET',
    'step lost > GET',
  ]);
});

test('spans say what was done and how it ended', async () => {
  const { spans } = await exported;
  const named = (name: string) => spans.filter((span) => span.name === name).map(attributesOf);
  expect(named('process calls')).toMatchObject([
    {
      'toolplane.call.id': 'call-1',
      'gen_ai.tool.name': 'tool',
      'toolplane.outcome': 'done',
      'error.type': 'upstream_unreachable',
    },
  ]);
  expect(named('step find')).toMatchObject([
    { 'toolplane.step.attempt': 1, 'toolplane.action': 'retry', 'toolplane.wait_ms': 0 },
    { 'toolplane.step.attempt': 2, 'toolplane.action': 'next' },
  ]);
  // 116
  expect(named('step find')).toMatchObject([
    { 'toolplane.criterion.error': 'The values of this call do not form a valid regular expression' },
    { 'toolplane.criterion.error': 'The values of this call do not form a valid regular expression' },
  ]);
  expect(named('GET').map((attributes) => attributes['http.response.status_code'])).toEqual([503, 200, 200, undefined]);
  expect(named('GET').map((attributes) => attributes['server.address'])).toEqual([
    '127.0.0.1',
    '127.0.0.1',
    undefined,
    '127.0.0.1',
  ]);
});

test('a request names the secrets that it carried, each with its version', async () => {
  const { spans } = await exported;
  const refs = spans.filter(({ name }) => name === 'GET').map((span) => attributesOf(span)['toolplane.secret.refs']);
  const only = (name: string) => ({ values: [{ stringValue: name }] });
  expect(refs).toEqual([only('KEY@1'), only('KEY@1'), only('HOOK@1'), undefined]);
});

test('no span has an attribute that is not on the list, or any value of the call (T8)', async () => {
  const { spans, text } = await exported;
  for (const span of spans) {
    for (const { key } of span.attributes) expect(attributeNames).toContain(key);
    expect(span.status.message ?? '').toBe('');
  }
  expect(text).not.toContain('canary');
});

test('the upstream learns nothing about the trace', async () => {
  for (const headers of (await exported).upstreamHeaders) {
    expect(Object.keys(headers)).not.toContain('traceparent');
    expect(Object.keys(headers)).not.toContain('baggage');
  }
});
