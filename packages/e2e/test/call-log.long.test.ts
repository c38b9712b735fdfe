import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { askModern } from '../src/ask-modern.ts';
import { requestRest } from '../src/connectors.ts';
import { dumpPlaces } from '../src/leaks.ts';
import { callPlainly } from '../src/plain-client.ts';
import { type DeployedServer, deployServer, startPlatform, type TestPlatform } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/* From a call at an edge to its row in the call log, while processes stop and start. */

type Row = {
  id: string;
  tool: string;
  kind: string;
  outcome: string;
  code?: string;
  source: string;
  serverId: string;
  originId?: string;
  caller: { kind: string; id?: string; username?: string };
  durationMs: number;
};

let platform: TestPlatform;
let upstream: Upstream;
let people: DeployedServer;
let smart: DeployedServer;

beforeAll(async () => {
  platform = await startPlatform();
  upstream = await startUpstream((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"name":"canary-of-an-answer"}');
  });
  const steps = (id: string) => `
    inputs: { properties: { number: { type: string, maxLength: 30, description: Any } } }
    steps:
      - id: ${id}
        request: { method: GET, url: "${upstream.url}/names/$inputs.number" }
        outputs: { name: $response.body.name }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { name: $steps.${id}.outputs.name }`;
  const definition = `
flower: "0.1"
id: people
flows:
  - id: get_name
    description: Gets the name of a person by number from the register.${steps('fetch_name')}
  - id: search_names
    x-task: optional
    description: Searches the register for a long time.${steps('search')}
x-prompts:
  - id: greet
    description: Greets somebody.
    messages: [{ role: user, text: "Hello" }]
x-resources:
  - uri: people://guide
    name: guide
    mime_type: text/markdown
    text: "# How the register works"
`;
  people = await deployServer(platform, 'people', definition);
  const { body } = await requestRest(platform, 'POST', '/mcp-servers', { name: 'smart' });
  smart = body.data;
}, 60_000);

afterAll(async () => {
  await upstream?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

async function rows(query = ''): Promise<Row[]> {
  const answer = await fetch(`${platform.api}/api/v1/calls?limit=200${query}`, {
    headers: { 'x-api-key': platform.apiKey },
  }).catch(() => undefined);
  return answer?.ok ? ((await answer.json()) as { data: Row[] }).data : [];
}

const ask = (method: string, name: string, params: Record<string, unknown>) =>
  askModern(platform, people.id, { method, name, params });

const getName = (number: string, headers: Record<string, string> = {}) =>
  callPlainly(platform, people.id, 'get_name', { number }, { headers });

/** Makes no more calls at once than a single tenant may have in flight. */
async function getNames(count: number): Promise<void> {
  for (let at = 0; at < count; at += 10) await Promise.all(Array.from({ length: 10 }, () => getName(String(at))));
}

test('each call has its own row, whether direct, in a batch, as a task or refused, with nothing of what was sent or answered', async () => {
  await getName('canary-of-arguments', { 'x-username': 'ada' });
  await getName('canary-of-arguments'.repeat(3));
  const calls = ['1', '2', 'canary-of-arguments'.repeat(3)].map((number) => ({
    slug: 'people.get_name',
    arguments: { number },
  }));
  await callPlainly(platform, smart.id, 'execute_tools', { calls });
  const { result } = await ask('tools/call', 'search_names', { name: 'search_names', arguments: { number: '3' } });
  await ask('prompts/get', 'greet', { name: 'greet' });
  await ask('resources/read', 'people://guide', { uri: 'people://guide' });
  await until(async () => (await rows()).length >= 8);

  const all = await rows();
  const shown = all.map(({ source, kind, tool, outcome, code = '' }) => [source, kind, tool, outcome, code].join(' '));
  expect(shown.toSorted()).toEqual([
    'direct prompt prompt:greet done ',
    'direct resource resource:people://guide done ',
    'direct tool get_name done ',
    'direct tool get_name not_started invalid_arguments',
    'execute_tools tool get_name done ',
    'execute_tools tool get_name done ',
    'execute_tools tool get_name not_started invalid_arguments',
    'task tool search_names done ',
  ]);
  expect(result).toMatchObject({ resultType: 'task' });
  const keyId = platform.apiKey.split('_')[2];
  expect(all.every(({ caller }) => caller.kind === 'key' && caller.id === keyId)).toBe(true);
  expect(await rows('&username=ada')).toMatchObject([{ tool: 'get_name', serverId: people.id }]);
  expect(await rows(`&serverId=${smart.id}`)).toMatchObject(Array(3).fill({ originId: people.id }));
  const { postgres, redis } = await dumpedPlaces();
  for (const text of [postgres, redis]) expect(text).not.toContain('canary-of');
});

/** The places that the call log passes through and is stored in. */
async function dumpedPlaces(): Promise<{ postgres: string; redis: string }> {
  const found = Object.entries(await dumpPlaces(platform));
  const textOf = (name: RegExp) => found.flatMap(([place, text]) => (name.test(place) ? [text] : [])).join('\n');
  return { postgres: textOf(/postgres/i), redis: textOf(/redis/i) };
}

test('no call is lost or counted twice while the control plane is away, not even by an edge that stops meanwhile', async () => {
  const before = new Set((await rows()).map(({ id }) => id));
  await platform.service('control-plane').kill('SIGKILL');
  await getNames(60);
  await platform.service('edge').kill('SIGTERM');
  await platform.service('edge').start();
  await getNames(40);
  await platform.service('control-plane').start();
  const added = async () => (await rows()).filter(({ id }) => !before.has(id));
  await until(async () => (await added()).length >= 100);
  expect(await added()).toHaveLength(100);
  const statistics = await requestRest(platform, 'GET', `/calls/statistics?serverId=${people.id}&tool=get_name`);
  expect(statistics.body.data.tools).toMatchObject([{ calls: 102, errors: 1, notStarted: 1 }]);
}, 60_000);
