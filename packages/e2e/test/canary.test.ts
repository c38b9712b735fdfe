import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dumpPlaces, encodingsOf, findLeaks, formsOf, monitorRedis } from '../src/leaks.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../src/otlp-receiver.ts';
import { callPlainly, type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/*
 * The promise that the platform exists for: a secret that was used is found in the secret store and in the header that
 * the upstream received, and nowhere else.
 */

const canary = 'canary+/secret="9f3b7c1d';
const basic = Buffer.from(`user:${canary}`).toString('base64');

let platform: TestPlatform;
let upstream: Upstream;
let collector: OtlpReceiver;
let server: DeployedServer;
let arazzoServer: DeployedServer;
let monitor: Awaited<ReturnType<typeof monitorRedis>>;

beforeAll(async () => {
  collector = await startOtlpReceiver();
  platform = await startPlatform({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: 'trace' });
  monitor = await monitorRedis(platform.redisUrl);
  upstream = await startUpstream(({ path, headers }, response) => {
    if (path.startsWith('/reset')) return void response.destroy();
    if (path === '/token') return void response.end(JSON.stringify({ access_token: canary, token_type: 'Bearer' }));
    response.setHeader('content-type', path.startsWith('/text') ? 'text/plain' : 'application/json');
    if (path.startsWith('/fail')) response.statusCode = 500;
    // An upstream that sends back what it was sent, as error pages of frameworks do.
    response.end(JSON.stringify({ headers, all: Object.values(encodingsOf(canary)), basic: `Basic ${basic}` }));
  });
  server = await deployServer(platform, 'canary', document(upstream.url), {
    CANARY: { value: canary, hosts: [upstream.host] },
  });
  const hosts = [upstream.host];
  const schemes = Object.fromEntries(
    ['key', 'query', 'cookie'].map((name) => [`api_${name}`, { value: canary, hosts }]),
  );
  arazzoServer = await deployServer(
    platform,
    'canary-arazzo',
    arazzoDocument,
    { ...schemes, api_basic: { value: `user:${canary}`, hosts }, api_token: { value: `id:${canary}`, hosts } },
    { references: [{ name: 'api', content: openApi(upstream.url), location: './api.json' }] },
  );
}, 60_000);

afterAll(async () => {
  monitor?.[Symbol.dispose]();
  await upstream?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
  await collector?.[Symbol.asyncDispose]();
});

const document = (api: string) => `
flower: "0.1"
id: canary
flows:
${['echo', 'text', 'fail', 'reset', 'closed']
  .map(
    (name) => `
  - id: ${name}
    description: Sends the secret in a header and in the query and shows all of the answer.
    steps:
      - id: only
        request:
          method: POST
          url: ${name === 'closed' ? 'http://127.0.0.1:1/closed' : `${api}/${name}`}
          headers: { Authorization: "Bearer $secrets.CANARY" }
          query: { key: $secrets.CANARY }
          body: { key: $secrets.CANARY }
        outputs: { all: $response.body }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { all: $steps.only.outputs.all, url: $steps.only.request.url }`,
  )
  .join('')}
`;

const arazzoTools = ['apiKeys', 'basic', 'token', 'nested'];

/** Credentials by every security scheme, echoed by the API, also through a workflow that is called. */
const arazzoDocument = JSON.stringify({
  arazzo: '1.0.1',
  info: { title: 'Canary', version: '1.0.0' },
  sourceDescriptions: [{ name: 'api', url: './api.json', type: 'openapi' }],
  workflows: arazzoTools.map((workflowId) => ({
    workflowId,
    description: 'Sends the secret as its scheme says and shows all of the answer.',
    steps: [
      {
        stepId: 's',
        ...(workflowId === 'nested' ? { workflowId: 'apiKeys' } : { operationId: workflowId }),
        ...(workflowId === 'nested' ? {} : { outputs: { all: '$response.body' } }),
      },
    ],
    outputs: { all: '$steps.s.outputs.all' },
  })),
});

const openApi = (api: string) =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Canary', version: '1.0.0' },
    servers: [{ url: api }],
    paths: Object.fromEntries(
      Object.entries({
        apiKeys: { key: [], query: [], cookie: [] },
        basic: { basic: [] },
        token: { token: ['read'] },
      }).map(([operationId, needs]) => [
        `/echo-${operationId}`,
        { post: { operationId, security: [needs], responses: { 200: { description: 'An echo' } } } },
      ]),
    ),
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'x-key' },
        query: { type: 'apiKey', in: 'query', name: 'key' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'key' },
        basic: { type: 'http', scheme: 'basic' },
        token: {
          type: 'oauth2',
          flows: { clientCredentials: { tokenUrl: `${api}/token`, scopes: { read: 'Read' } } },
        },
      },
    },
  });

test('a secret is found in the secret store and at the upstream, and nowhere else', async () => {
  const answers = await Promise.all(
    ['echo', 'text', 'fail', 'reset', 'closed'].map((name) => callPlainly(platform, server.id, name)),
  );
  expect(answers.map(({ result }) => result?.structuredContent['code'])).toEqual([
    undefined,
    undefined,
    'no_action_matched',
    'upstream_unreachable',
    'secret_host_denied',
  ]);
  expect(upstream.requests.map(({ headers }) => headers.authorization)).toEqual(Array(4).fill(`Bearer ${canary}`));
  for (const name of arazzoTools) answers.push(await callPlainly(platform, arazzoServer.id, name));
  expect(answers.slice(5).map(({ result }) => Object.keys(result?.structuredContent ?? {}))).toEqual(
    Array(4).fill(['all']),
  );
  const sent = upstream.requests.slice(4);
  expect(sent.find(({ path }) => path === '/echo-basic')?.headers.authorization).toBe(`Basic ${basic}`);
  expect(sent.find(({ path }) => path === '/echo-token')?.headers.authorization).toBe(`Bearer ${canary}`);
  expect(sent.find(({ path }) => path.startsWith('/echo-apiKeys'))?.headers['x-key']).toBe(canary);
  await collector.until((spans) => spans.filter(({ name }) => name.startsWith('tools/call')).length >= 9);

  const places = {
    'tool results': JSON.stringify(answers),
    'Redis traffic': monitor.traffic.join('\n'),
    spans: collector.bodies.join('\n'),
    ...(await dumpPlaces(platform)),
  };
  // Each place was really looked at: it shows what must be there.
  const signs: Record<keyof typeof places, string> = {
    'tool results': 'no_action_matched',
    'Redis traffic': 'tp:fence:',
    'Redis content': 'tp:manifest:',
    PostgreSQL: '"CANARY"',
    logs: '"service":"data-plane"',
    spans: 'tools/call echo',
    'secret files, which are encrypted': '.sealed',
  };
  for (const [place, text] of Object.entries(places)) {
    expect([place, text.includes(signs[place as keyof typeof places])]).toEqual([place, true]);
  }
  expect(findLeaks(places, formsOf(canary))).toEqual([]);
}, 30_000);
