import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type ConnectorInstance, createInstance, putCredential, registerConnector } from '../src/connectors.ts';
import { connectModern } from '../src/mcp-clients.ts';
import { callPlainly } from '../src/plain-client.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/*
 * The other descriptor of the compiler's tests, with configuration by instances, renamed and hidden parameters, and a
 * nested body.
 */

const file = join(import.meta.dirname, '../../compiler/testdata/jira.connector.yaml');
const basic = `Basic ${Buffer.from('ada@example.test:api-token-0123456789').toString('base64')}`;

let platform: TestPlatform;
let upstream: Upstream;
let instance: ConnectorInstance;

beforeAll(async () => {
  platform = await startPlatform();
  upstream = await startUpstream(({ path, headers }, response) => {
    if (headers.authorization !== basic) return void response.writeHead(401).end('{}');
    const { pathname, searchParams } = new URL(path, 'http://jira.test');
    const issue = (number: number) => ({ key: `ABC-${number}`, fields: { summary: `Issue ${number}`, secret: true } });
    const isSecondPage = searchParams.has('nextPageToken');
    const page = isSecondPage ? { issues: [issue(2)] } : { issues: [issue(1)], nextPageToken: 'second' };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(pathname.endsWith('/search/jql') ? page : { key: 'ABC-1' }));
  });
  // In this test, an instance configures the whole host.
  const descriptor = readFileSync(file, 'utf8').replaceAll(
    'https://{config.site}.atlassian.net',
    'http://{config.site}',
  );
  await registerConnector(platform, descriptor);
  instance = await createInstance(platform, {
    connector: 'jira-cloud',
    instance_name: 'Jira',
    auth_type: 'basic',
    configuration: { site: upstream.host },
  });
  await putCredential(platform, instance, {
    scope: 'workspace',
    auth_type: 'basic',
    hosts: [upstream.host],
    fields: { email: 'ada@example.test', api_token: 'api-token-0123456789' },
  });
}, 60_000);
beforeEach(() => {
  upstream.requests.length = 0;
});

afterAll(async () => {
  await upstream?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

const call = async (name: string, callArguments: Record<string, unknown>) =>
  (await callPlainly(platform, instance.server.id, name, callArguments)).result?.structuredContent;
const sent = () => upstream.requests.map(({ method, path }) => `${method} ${decodeURIComponent(path)}`);

test('its tools show the model the names that were chosen for it, and nothing that is hidden', async () => {
  await using client = await connectModern(instance.server.url, platform.apiKey);
  const tools = new Map((await client.listTools()).map((tool) => [tool.name, tool.inputSchema]));
  expect([...tools.keys()].sort()).toEqual([
    'create_jira_issue',
    'get_jira_issue',
    'search_jira_issues',
    'update_jira_issue',
  ]);
  const { properties } = tools.get('create_jira_issue') as { properties: object };
  expect(Object.keys(properties).sort()).toEqual(['labels', 'parent', 'project', 'summary', 'type']);
  expect(tools.get('get_jira_issue')).toMatchObject({ properties: { key: {} }, required: ['key'] });
});

test('a search reads page after page and returns the fields picked from them', async () => {
  const found = await call('search_jira_issues', { jql: 'project = ABC', fields: ['summary', 'status'] });
  const issues = [1, 2].map((number) => ({ key: `ABC-${number}`, summary: `Issue ${number}` }));
  expect(found).toEqual({ result: { issues, has_more: false } });
  const query = 'jql=project = ABC&fields=summary,status&maxResults=50';
  expect(sent()).toEqual([
    `GET /rest/api/3/search/jql?${query}`,
    `GET /rest/api/3/search/jql?${query}&nextPageToken=second`,
  ]);
});

test('an issue is created from renamed, nested, hidden and default parameters', async () => {
  await call('create_jira_issue', { project: 'ABC', summary: 'No light', labels: ['night'] });
  expect(sent()).toEqual(['POST /rest/api/3/issue?notifyUsers=false']);
  expect(JSON.parse(upstream.requests[0]?.body ?? '')).toEqual({
    fields: { project: { key: 'ABC' }, summary: 'No light', issuetype: { name: 'Task' }, labels: ['night'] },
  });
});

test('an issue is read by its key, and updated with a body of any form', async () => {
  expect(await call('get_jira_issue', { key: 'ABC-1' })).toEqual({ result: { key: 'ABC-1' } });
  await call('update_jira_issue', { issue_key: 'ABC-1', update: { fields: { summary: 'Light' } } });
  expect(sent()).toEqual(['GET /rest/api/3/issue/ABC-1', 'PUT /rest/api/3/issue/ABC-1']);
  expect(JSON.parse(upstream.requests[1]?.body ?? '')).toEqual({ fields: { summary: 'Light' } });
});

test('a key cannot leave its place in the path', async () => {
  await call('get_jira_issue', { key: '../../myself?x=1' });
  expect(upstream.requests.map(({ path }) => path)).toEqual(['/rest/api/3/issue/..%2F..%2Fmyself%3Fx%3D1']);
});
