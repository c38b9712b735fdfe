import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { type OtlpReceiver, startOtlpReceiver } from '../src/otlp-receiver.ts';
import { callPlainly, type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/*
 * The promise that the platform exists for: a secret that was used is found in the secret store and in the header that
 * the upstream received, and nowhere else.
 */

const canary = 'canary+/secret="9f3b7c1d';
const basic = Buffer.from(`user:${canary}`).toString('base64');
const encodings = {
  plain: canary,
  'in JSON': JSON.stringify(canary).slice(1, -1),
  'percent-encoded': encodeURIComponent(canary),
  base64: Buffer.from(canary).toString('base64').replace(/=+$/, ''),
  base64url: Buffer.from(canary).toString('base64url'),
  hex: Buffer.from(canary).toString('hex'),
  'HTML-escaped': canary.replaceAll('"', '&quot;'),
};

let platform: TestPlatform;
let upstream: Upstream;
let collector: OtlpReceiver;
let server: DeployedServer;
let arazzoServer: DeployedServer;
const redisTraffic: string[] = [];
let monitor: Redis;

beforeAll(async () => {
  collector = await startOtlpReceiver();
  platform = await startPlatform({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, LOG_LEVEL: 'trace' });
  monitor = await new Redis(platform.redisUrl).monitor();
  monitor.on('monitor', (_time, words: string[]) => redisTraffic.push(words.join(' ')));
  upstream = await startUpstream(({ path, headers }, response) => {
    if (path.startsWith('/reset')) return void response.destroy();
    if (path === '/token') return void response.end(JSON.stringify({ access_token: canary, token_type: 'Bearer' }));
    response.setHeader('content-type', path.startsWith('/text') ? 'text/plain' : 'application/json');
    if (path.startsWith('/fail')) response.statusCode = 500;
    // An upstream that sends back what it was sent, as error pages of frameworks do.
    response.end(JSON.stringify({ headers, all: Object.values(encodings), basic: `Basic ${basic}` }));
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
  monitor?.disconnect();
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
    'Redis traffic': redisTraffic.join('\n'),
    'Redis content': await dumpRedis(platform.redisUrl),
    PostgreSQL: await dumpDatabase(platform.database.url),
    logs: platform.logs(),
    spans: collector.bodies.join('\n'),
    'secret files, which are encrypted': dumpFolder(platform.secretsFolder),
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
  // The part of it that is only the secret, whatever stood before.
  const forms = { ...encodings, 'in Basic credentials': basic.slice(8, -4) };
  const found = Object.entries(places).flatMap(([place, text]) =>
    Object.entries(forms).flatMap(([encoding, form]) => (text.includes(form) ? [`${encoding} in ${place}`] : [])),
  );
  expect(found).toEqual([]);
}, 30_000);

async function dumpRedis(url: string): Promise<string> {
  const redis = new Redis(url);
  const parts: string[] = [];
  for await (const keys of redis.scanStream({ count: 100 }) as AsyncIterable<string[]>) {
    for (const key of keys) {
      const dump = await redis.dumpBuffer(key);
      parts.push(key, dump?.toString('latin1') ?? '', JSON.stringify(await readPlainly(redis, key)));
    }
  }
  redis.disconnect();
  return parts.join('\n');
}

/** `DUMP` compresses long strings, so they are read as they are besides. */
async function readPlainly(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  if (type === 'string') return redis.get(key);
  if (type === 'hash') return redis.hgetall(key);
  if (type === 'stream') return redis.xrange(key, '-', '+');
  if (type === 'list') return redis.lrange(key, 0, -1);
  return type === 'zset' ? redis.zrange(key, '0', '-1') : undefined;
}

async function dumpDatabase(url: string): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`SELECT set_config('app.platform', 'on', false)`);
  const { rows: tables } = await client.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`);
  const parts: string[] = [];
  for (const { tablename } of tables) {
    const { rows } = await client.query(`SELECT row_to_json(t)::text AS row FROM "${tablename}" t`);
    parts.push(tablename, ...rows.map(({ row }) => row));
  }
  await client.end();
  return parts.join('\n');
}

function dumpFolder(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), 'latin1')}`)
    .join('\n');
}
