import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { attributeNames } from '@toolplane/contracts';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '@toolplane/loopback/otlp-receiver';
import { callPlainly } from '../src/plain-client.ts';
import { type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/* One trace per call, from the client's own span to the HTTP request, with nothing in it but names and codes. */

let platform: TestPlatform;
let upstream: Upstream;
let collector: OtlpReceiver;
let server: DeployedServer;

beforeAll(async () => {
  collector = await startOtlpReceiver();
  platform = await startPlatform({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  upstream = await startUpstream((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"name":"Ada"}');
  });
  const definition = `
flower: "0.1"
id: traces
flows:
  - id: get_name
    description: Gets a name by number from the upstream.
    inputs: { properties: { number: { type: integer, description: Any } } }
    steps:
      - id: fetch_name
        request: { method: GET, url: "${upstream.url}/names/$inputs.number" }
        outputs: { name: $response.body.name }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { name: $steps.fetch_name.outputs.name }
`;
  server = await deployServer(platform, 'traces', definition);
}, 60_000);

afterAll(async () => {
  await upstream?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
  await collector?.[Symbol.asyncDispose]();
});

const traceId = '0af7651916cd43dd8448eb211c80319c';
const clientSpanId = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${clientSpanId}-01`;
const ofTrace = (id: string) => collector.spans.filter((span) => span.traceId === id);

test('a call is one trace from the client through edge, queue and data plane to the HTTP request', async () => {
  await callPlainly(platform, server.id, 'get_name', { number: 4711471147 }, { meta: { traceparent } });
  await collector.until(() => ofTrace(traceId).length >= 5);
  expect(toChain(ofTrace(traceId), clientSpanId)).toEqual([
    'toolplane-edge: tools/call get_name',
    'toolplane-edge: send calls',
    'toolplane-data-plane: process calls',
    'toolplane-data-plane: step fetch_name',
    'toolplane-data-plane: GET',
  ]);
});

test('the HTTP header gives the context where _meta has none', async () => {
  const other = '11111111111111111111111111111111';
  const headers = { traceparent: `00-${other}-${clientSpanId}-01` };
  await callPlainly(platform, server.id, 'get_name', { number: 1 }, { headers });
  await collector.until(() => ofTrace(other).length >= 5);
  expect(toChain(ofTrace(other), clientSpanId)).toHaveLength(5);
});

test('a client that does not sample is not sampled, and the upstream learns nothing of our traces', async () => {
  const unsampled = '22222222222222222222222222222222';
  await callPlainly(
    platform,
    server.id,
    'get_name',
    { number: 2 },
    { headers: { traceparent: `00-${unsampled}-${clientSpanId}-00` } },
  );
  await callPlainly(
    platform,
    server.id,
    'get_name',
    { number: 3 },
    { headers: { traceparent: `00-${'3'.repeat(32)}-${clientSpanId}-01` } },
  );
  await collector.until(() => ofTrace('3'.repeat(32)).length >= 5);
  expect(ofTrace(unsampled)).toEqual([]);
  expect(
    upstream.requests.flatMap(({ headers }) => Object.keys(headers)).filter((name) => /^(trace|baggage)/.test(name)),
  ).toEqual([]);
});

test('spans carry allowed attributes only, and no argument or answer', async () => {
  const attributes = collector.spans.flatMap((span) => Object.keys(span.attributes));
  expect(attributes.filter((name) => !attributeNames.has(name))).toEqual([]);
  const wire = collector.bodies.join('\n');
  expect(wire).not.toContain('4711471147');
  expect(wire).not.toContain('Ada');
});

/** Follows the spans from parent to child; each has exactly one child here. */
function toChain(spans: ReceivedSpan[], rootParentId: string): string[] {
  const chain: string[] = [];
  let parentId = rootParentId;
  for (;;) {
    const children = spans.filter((span) => span.parentSpanId === parentId);
    const [child] = children;
    if (child === undefined || children.length > 1) return chain;
    chain.push(`${child.service}: ${child.name}`);
    parentId = child.spanId;
  }
}
