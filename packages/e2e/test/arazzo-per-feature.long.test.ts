import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import { type ArazzoFixture, deployFixture, readFixture, testdata } from '../src/arazzo-fixtures.ts';
import { type Mock, type MockApi, type MockedCall, startMockApi } from '../src/mock-api.ts';
import { callPlainly } from '../src/plain-client.ts';
import { type DeployedServer, startPlatform, type TestPlatform } from '../src/platform.ts';

/*
 * The documents of JaredCE's Arazzo runner (MIT, see testdata), one feature each: all are deployed and every workflow
 * is called against a real HTTP server that answers correctly, then against one that fails where the documents have
 * rules for failures. The requests and results are compared with `arazzo-per-feature.json`, which was checked line by
 * line against the specification when it was created: UPDATE_GOLDEN=1 rewrites it.
 */

const mocks = join(testdata, 'jaredce-arazzo-runner', 'test', 'mocks');
const goldenFile = join(testdata, 'arazzo-per-feature.json');
const repository = 'https://raw.githubusercontent.com/JaredCE/Arazzo-Runner/refs/heads/main/test/mocks/';

/** A document with a loop makes many identical requests. */
const SENT_MAX = 8;

type Verdict = { refused: string[] } | { runs: Record<string, { sent: string[]; got: Json }> };

const files = globSync('**/*.json', { cwd: mocks })
  .map((file) => join(mocks, file))
  .filter((file) => /"arazzo":/.test(readFileSync(file, 'utf8')))
  .sort();
const golden: Record<string, Verdict> = existsSync(goldenFile) ? JSON.parse(readFileSync(goldenFile, 'utf8')) : {};
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';

/** A document is tested with the behaviours that it has rules for. */
const concerns: Record<string, RegExp> = {
  fine: /./,
  'login fails': /loginUser.*== 400/s,
  'user is missing': /getUserByName.*== 404/s,
  'user is missing once': /getUserByName.*"retry"/s,
  'creating fails': /"createUser".*on(?:Failure|Success)"/s,
};

/** How the API behaves. */
const programs: Record<string, Mock[]> = {
  fine: [],
  'login fails': [{ method: 'POST', path: '/v2/user/login', status: 400, answer: { message: 'bad' } }],
  'user is missing': [{ method: 'GET', path: '/v2/user/{name}', status: 404, answer: { message: 'none' } }],
  'user is missing once': [
    { method: 'GET', path: '/v2/user/{name}', status: 404, headers: { 'retry-after': '1' }, answer: {}, times: 1 },
  ],
  'creating fails': [{ method: 'POST', path: '/v2/user', status: 400, answer: { message: 'bad' } }],
};

const user = { id: 1, username: 'KanyeW', email: 'k@example.com' };
const answersOfTheApi: Mock[] = [
  { method: 'POST', path: '/v2/user/login', status: 200, answer: { AccessToken: 'header.payload.signature' } },
  { method: 'POST', path: '/v2/user', status: 201, answer: user },
  { method: 'GET', path: '/v2/user/{name}', status: 200, answer: user },
  { method: 'GET', path: '/v2/pet/findByTags', status: 200, answer: [{ id: 1, name: 'jack', status: 'available' }] },
  { method: 'GET', path: '/v2/pet/findByStatus', status: 200, answer: [{ id: 7, name: 'jack', status: 'available' }] },
];

/** The document about XPath calls an API that returns XML. */
const xmlPets: Mock = {
  method: 'GET',
  path: '/v2/pet/findByTags',
  status: 200,
  headers: { 'content-type': 'application/xml' },
  answer: '<pets><pet><id>1</id></pet></pets>',
};

/** The arguments of every workflow, by its name. */
const inputs: Record<string, Record<string, Json>> = Object.assign(
  {},
  ...globSync('inputs/**/*.json', { cwd: mocks }).map((file) => JSON.parse(readFileSync(join(mocks, file), 'utf8'))),
);

let platform: TestPlatform;
let api: MockApi;
beforeAll(async () => {
  api = await startMockApi();
  platform = await startPlatform();
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await api?.[Symbol.asyncDispose]();
  if (isUpdate) writeFileSync(goldenFile, `${JSON.stringify(golden, null, 1)}\n`);
});

describe('each document is refused with reasons, or sends what it says', () => {
  test.each(files.map((file, index) => [relative(mocks, file), file, index] as const))(
    '%s',
    async (name, file, index) => {
      const verdict = await judge(file, `per-feature-${index}`);
      if (isUpdate) golden[name] = verdict;
      expect(verdict).toEqual(golden[name]);
    },
  );
});

async function judge(file: string, name: string): Promise<Verdict> {
  let server: DeployedServer;
  try {
    server = await deployFixture(platform, name, pointAtApi(readFixture(file, findSource), file), api);
  } catch (error) {
    return { refused: (error as Error).message.split('\n') };
  }
  const runs: Record<string, { sent: string[]; got: Json }> = {};
  const text = readFileSync(file, 'utf8');
  const { workflows } = JSON.parse(text) as { workflows: { workflowId: string }[] };
  const tools = await listTools(server);
  const wanted = Object.keys(programs).filter((program) => concerns[program]?.test(text));
  for (const [position, tool] of tools.entries()) {
    const given = inputs[workflows[position]?.workflowId ?? ''] ?? {};
    for (const program of wanted) {
      const own = file.endsWith('xPath.json') ? [xmlPets] : [];
      api.program([...own, ...(programs[program] ?? []), ...answersOfTheApi, ...anythingElse]);
      const answer = await callPlainly(platform, server.id, tool, given);
      const got = answer.result?.structuredContent as Record<string, Json> | undefined;
      const sent = api.seen.slice(0, SENT_MAX).map(describeCall);
      const more = api.seen.length - sent.length;
      if (more > 0) sent.push(`and ${more} more`);
      runs[`${tool} – ${program}`] = { sent, got: (got?.['code'] ?? got ?? null) as Json };
    }
  }
  return { runs };
}

const anythingElse: Mock[] = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'].flatMap((method) =>
  [1, 2, 3, 4, 5].map((depth) => ({ method, path: '/{any}'.repeat(depth), status: 200, answer: { id: 1 } })),
);

/**
 * If the feature is about servers, no server is overridden: each host becomes a path of the API, named by its last
 * label.
 */
function pointAtApi(fixture: ArazzoFixture, file: string): ArazzoFixture {
  if (!file.includes('openapi-server-tests')) return fixture;
  const host = /http:\/\/petstore\.swagger\.([a-z.]+)(?::\{port\})?/g;
  const references = fixture.references.map((reference) => ({
    ...reference,
    content: reference.content.replace(host, (_all, label: string) => `${api.url}/${label}`),
  }));
  return { ...fixture, references, serverPaths: {} };
}

async function listTools(server: DeployedServer): Promise<string[]> {
  const config = await platform.rest.call<{ tools: { name: string }[] }>('GET', `/mcp-servers/${server.id}/config`);
  return config?.tools.map((tool) => tool.name) ?? [];
}

/** The parts of a request that a document decides, without what HTTP adds. */
function describeCall({ method, path, query, headers, body }: MockedCall): string {
  const ours = /^(?:host|connection|content-length|user-agent|accept-encoding|traceparent|tracestate)$/;
  const shown = Object.entries(headers).filter(([name]) => !ours.test(name));
  const boundary = /boundary=([^\s;]+)/.exec(headers['content-type'] ?? '')?.[1];
  const parts = [
    `${method} ${path}${query === '' ? '' : `?${query}`}`,
    ...shown.map(([name, value]) => `${name}: ${value}`),
  ];
  const text = [...parts, ...(body === '' ? [] : [body])].join(' | ');
  return boundary === undefined ? text : text.replaceAll(boundary, 'BOUNDARY');
}

function findSource(url: string): string {
  return url.startsWith(repository) ? join(mocks, url.slice(repository.length)) : join(mocks, 'petStoreOpenAPI.json');
}
