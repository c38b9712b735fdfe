import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type OtlpReceiver, startOtlpReceiver } from '@toolplane/loopback/otlp-receiver';
import { getFreePort } from '@toolplane/loopback/ports';
import { createInstance, putCredential, registerConnector } from '../src/connectors.ts';
import { dumpPlaces, encodingsOf, findLeaks, formsOf, monitorRedis, readEveryAnswer } from '../src/leaks.ts';
import { callPlainly, type PlainAnswer } from '../src/plain-client.ts';
import { type DeployedServer, deployServer, putSecret, startPlatform, type TestPlatform } from '../src/platform.ts';
import { smallConnector } from '../src/small-connector.ts';
import { type SeenRequest, startUpstream, type Upstream } from '../src/upstream.ts';

/*
 * The main promise of the platform: a secret that was used is found in the secret store and in the request that the
 * upstream received, and nowhere else, whatever the upstream does and however often the secret was rotated.
 */

const canary = 'canary+/secret="9f3b7c1d';
const rotated = 'rotated+/secret="a51e20c8';
const values = [canary, rotated];
const basic = Buffer.from(`user:${canary}`).toString('base64');

let platform: TestPlatform;
let upstream: Upstream;
let collector: OtlpReceiver;
let server: DeployedServer;
let arazzoServer: DeployedServer;
let instance: Awaited<ReturnType<typeof createInstance>>;
let monitor: Awaited<ReturnType<typeof monitorRedis>>;
let hosts: string[];

/** Echoes the request in every encoding, as error pages of frameworks do. */
function answer({ path, headers, body }: SeenRequest, response: ServerResponse): void {
  if (path.startsWith('/reset')) return void response.destroy();
  if (path.startsWith('/slow')) return;
  const sent = JSON.stringify([path, headers, body]);
  const known = values.filter((value) => Object.values(formsOf(value)).some((form) => sent.includes(form)));
  const all = known.flatMap((value) => Object.values(encodingsOf(value)));
  const echo = JSON.stringify({ path, headers, body, all });
  if (path.startsWith('/garbage')) return void response.socket?.end(`HTTP/1.1 200 OK\r\nx\0: ${echo}\r\n\r\n${echo}`);
  if (path === '/token') return void response.end(JSON.stringify({ access_token: canary, token_type: 'Bearer' }));
  response.setHeader('content-type', path.startsWith('/text') ? 'text/plain' : 'application/json');
  if (path.startsWith('/wrong-gzip')) response.setHeader('content-encoding', 'gzip');
  if (path.startsWith('/fail')) response.statusCode = 500;
  if (path.startsWith('/unauthorized')) {
    response.writeHead(401, {
      'www-authenticate': `Bearer realm="${encodeURIComponent(headers.authorization ?? '')}"`,
    });
  }
  if (path.startsWith('/redirect')) {
    response.writeHead(302, { location: `http://${hosts[1]}/x?key=${encodeURIComponent(canary)}` });
  }
  response.end(echo);
}

beforeAll(async () => {
  collector = await startOtlpReceiver();
  platform = await startPlatform({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: 'trace' });
  monitor = await monitorRedis(platform.redisUrl);
  upstream = await startUpstream(answer);
  const refusing = `127.0.0.1:${await getFreePort()}`;
  hosts = [upstream.host, refusing];
  server = await deployServer(platform, 'canary', document(upstream.url, `http://${refusing}`), {
    CANARY: { value: canary, hosts },
  });
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
  const auth = {
    auth_type_ref: 'api_key',
    auth_headers: { 'X-API-Key': '{api_key}' },
    auth_query: { key: '{api_key}' },
  };
  const fields = [{ key: 'api_key', label: 'key', field_type: 'secret', required: true }];
  const operations = Object.fromEntries(
    ['echo', 'fail', 'reset'].map((name) => [`connector_${name}`, { endpoint: `${upstream.url}/${name}`, ...auth }]),
  );
  await registerConnector(
    platform,
    smallConnector({ slug: 'canary', operations, authentication: [{ type: 'api_key', fields }] }),
  );
  instance = await createInstance(platform, { connector: 'canary', instance_name: 'canary', auth_type: 'api_key' });
  await putCredentials(canary);
}, 60_000);

const putCredentials = (api_key: string) =>
  putCredential(platform, instance, { scope: 'workspace', auth_type: 'api_key', fields: { api_key }, hosts });

afterAll(async () => {
  monitor?.[Symbol.dispose]();
  await upstream?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
  await collector?.[Symbol.asyncDispose]();
});

/** The error code of a tool call, by the behaviour of the upstream. */
const outcomes = {
  echo: undefined,
  text: undefined,
  fail: 'no_action_matched',
  unauthorized: 'no_action_matched',
  redirect: 'upstream_unreachable',
  reset: 'upstream_unreachable',
  refused: 'upstream_unreachable',
  slow: 'upstream_timeout',
  garbage: 'upstream_bad_response',
  'wrong-gzip': 'upstream_bad_response',
  'other-host': 'secret_host_denied',
};

const document = (api: string, refusing: string) => `
flower: "0.1"
id: canary
flows:
${Object.keys(outcomes)
  .map(
    (name) => `
  - id: ${name}
    description: Sends the secret in a header and in the query and shows all of the answer.
    steps:
      - id: only
        x-timeout: ${name === 'slow' ? 1 : 20}
        request:
          method: POST
          url: ${urlOf(name, api, refusing)}
          headers: { Authorization: "Bearer $secrets.CANARY" }
          query: { key: $secrets.CANARY }
          body: { key: $secrets.CANARY }
        outputs: { all: $response.body }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { all: $steps.only.outputs.all, url: $steps.only.request.url }`,
  )
  .join('')}
`;

function urlOf(name: string, api: string, refusing: string): string {
  if (name === 'refused') return `${refusing}/x`;
  return name === 'other-host' ? 'http://127.0.0.1:1/x' : `${api}/${name}`;
}

const arazzoTools = ['apiKeys', 'basic', 'token', 'nested'];

/** Credentials in every security scheme, echoed by the API, also through a called workflow. */
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

/** Calls every tool once, all at the same time, and returns their results. */
async function callAll(): Promise<PlainAnswer[]> {
  const flower = Object.entries(outcomes).map(async ([name, code]) => {
    const answered = await callPlainly(platform, server.id, name);
    expect([name, answered.result?.structuredContent['code']]).toEqual([name, code]);
    return answered;
  });
  const arazzo = arazzoTools.map(async (name) => {
    const answered = await callPlainly(platform, arazzoServer.id, name);
    expect([name, Object.keys(answered.result?.structuredContent ?? {})]).toEqual([name, ['all']]);
    return answered;
  });
  const connector = ['echo', 'fail', 'reset'].map((name) =>
    callPlainly(platform, instance.server.id, `connector_${name}`),
  );
  return Promise.all([...flower, ...arazzo, ...connector]);
}

const sentTo = (path: string) => upstream.requests.filter((request) => request.path.split('?')[0] === path);

test('a secret is found in the secret store and at the upstream, and nowhere else (T6, T7, T8, T9, T10, B110)', async () => {
  const answers = await callAll();
  expect(sentTo('/echo').map(({ headers }) => headers.authorization)).toContain(`Bearer ${canary}`);
  expect(sentTo('/echo').map(({ headers }) => headers['x-api-key'])).toContain(canary);
  expect(sentTo('/echo-basic')[0]?.headers.authorization).toBe(`Basic ${basic}`);
  expect(sentTo('/echo-token')[0]?.headers.authorization).toBe(`Bearer ${canary}`);
  expect(sentTo('/echo-apiKeys')[0]?.headers['x-key']).toBe(canary);

  // Calls are made during the rotation and afterwards, and with the previous value if the new one is refused.
  const during = callAll();
  await putSecret(platform, server.id, 'CANARY', { value: rotated, hosts });
  await putCredentials(rotated);
  answers.push(...(await during));
  upstream.requests.length = 0;
  answers.push(...(await callAll()));
  const keys = sentTo('/echo').flatMap(({ headers }) => [headers.authorization ?? headers['x-api-key']]);
  expect(keys.toSorted()).toEqual([`Bearer ${rotated}`, rotated].toSorted());
  await collector.until((spans) => spans.filter(({ name }) => name.startsWith('tools/call')).length >= answers.length);

  const rest = await readEveryAnswer(platform, { server: server.id, instance: instance.id, connector: 'canary' });
  expect(rest.failed).toEqual([]);
  const places = {
    'tool results': JSON.stringify(answers),
    'REST answers': rest.text,
    'Redis traffic': monitor.traffic.join('\n'),
    spans: collector.bodies.join('\n'),
    ...(await dumpPlaces(platform)),
  };
  // Each place contains its expected sign, which proves that it was searched.
  const signs: Record<keyof typeof places, string> = {
    'tool results': 'no_action_matched',
    'REST answers': '"CANARY"',
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
  expect(values.flatMap((value) => findLeaks(places, formsOf(value)))).toEqual([]);
}, 30_000);
