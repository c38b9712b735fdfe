import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import { parse } from 'yaml';
import { deployFixture, readFixture, testdata } from '../src/arazzo-fixtures.ts';
import { type Mock, type MockApi, startMockApi } from '../src/mock-api.ts';
import { callPlainly } from '../src/plain-client.ts';
import { type DeployedServer, startPlatform, type TestPlatform } from '../src/platform.ts';

/*
 * The fixtures of Jentic's Arazzo engine (Apache-2.0, see testdata): documents for public APIs, the responses of these
 * APIs, and the expected result of each workflow. They run as users would run them: deployed, called over MCP, against
 * real HTTP.
 */

type MockText = {
  path?: string;
  url?: string;
  method: string;
  query_params?: Record<string, string | string[]>;
  request_body?: Record<string, Json>;
  status_code: number;
  response?: Json;
  headers?: Record<string, string>;
};
type Expectation = {
  id: string;
  inputs?: Record<string, Json>;
  params?: Record<string, Json>;
  expect_success: boolean;
  expected_outputs?: Record<string, Json>;
  expected_api_calls: number;
  custom_mocks?: MockText[];
};
type Config = {
  base_urls: Record<string, string>;
  custom_mocks?: Record<string, MockText[]>;
  workflows: Expectation[];
};
type Workflow = { workflowId: string; outputs?: Record<string, unknown>; inputs?: { required?: string[] } };

const fixtures = join(testdata, 'jentic-arazzo-engine', 'runner', 'tests', 'fixtures');

/**
 * These fixtures lack documents: one has none of its own, and the OpenAPI document of the other is not part of the
 * collection.
 */
const incomplete = ['example_real_mode', 'discord'];

/** The workflow that is meant by a case of the collection that names an unknown one. */
const meant: Record<string, string> = { failedLoginWorkflow: 'loginWorkflow' };

/**
 * The first action of the first BNPL step ends the workflow if `existingCustomerNotEligible` is false, as it is in the
 * collection's response: only an engine that ignores this action continues to the 6 calls that the collection expects.
 */
const corrected: Record<string, Partial<Expectation>> = {
  ApplyForLoanAtCheckout: { expected_api_calls: 1, expected_outputs: {} },
};

/** Corrects an argument of the collection that the schema of its own workflow rejects. */
const mend = (inputs: Record<string, Json>) => (inputs['hl'] === true ? { ...inputs, hl: 'true' } : inputs);

let platform: TestPlatform;
let api: MockApi;
beforeAll(async () => {
  api = await startMockApi();
  platform = await startPlatform();
});
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
  await api?.[Symbol.asyncDispose]();
});

describe.each(readdirSync(fixtures).filter((name) => !incomplete.includes(name)))('%s', (name) => {
  const folder = join(fixtures, name);
  const config = parse(readFileSync(join(folder, 'test_config.yaml'), 'utf8')) as Config;
  const file = readdirSync(folder).find((each) => /arazzo\.yaml$|workflow\.yaml$/.test(each)) ?? '';
  const { workflows } = parse(readFileSync(join(folder, file), 'utf8')) as { workflows: Workflow[] };
  let server: DeployedServer;
  let tools: string[];

  beforeAll(async () => {
    server = await deployFixture(platform, `jentic-${name}`.replaceAll('_', '-'), readFixture(join(folder, file)), api);
    const deployed = await platform.rest.call<{ tools: { name: string }[] }>('GET', `/mcp-servers/${server.id}/config`);
    tools = deployed?.tools.map((tool) => tool.name) ?? [];
  });

  test.each(config.workflows.map((each, index) => ({ ...each, ...corrected[each.id], index })))(
    '$id ($index)',
    async (expected) => {
      const workflowId = meant[expected.id] ?? expected.id;
      const position = workflows.findIndex((workflow) => workflow.workflowId === workflowId);
      api.program(mocksOf(config, expected));
      const inputs = mend(expected.inputs ?? expected.params ?? {});
      const answer = await callPlainly(platform, server.id, tools[position] ?? '', inputs);
      const outputs = answer.result?.structuredContent ?? {};
      expect(answer.result?.isError ?? false).toBe(!expected.expect_success);
      expect(api.seen).toHaveLength(expected.expected_api_calls);
      expect(outputs).toMatchObject(expressedBy(workflows[position], expected.expected_outputs ?? {}));
    },
  );
});

/** The outputs that the document itself declares with an expression: the collection also lists outputs of steps. */
function expressedBy(workflow: Workflow | undefined, outputs: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(Object.entries(outputs).filter(([name]) => typeof workflow?.outputs?.[name] === 'string'));
}

/** The mocks of a case; those of the workflow come first. */
function mocksOf(config: Config, { custom_mocks: own = [] }: Expectation): Mock[] {
  const bases = Object.values(config.base_urls);
  const shared = Object.values(config.custom_mocks ?? {}).flat();
  return [...own, ...shared].map((mock) => ({
    method: mock.method,
    path: toPath(mock.path ?? mock.url ?? '', bases),
    status: mock.status_code,
    ...(mock.query_params === undefined ? {} : { query: mock.query_params }),
    ...(mock.request_body === undefined ? {} : { body: mock.request_body }),
    ...(mock.headers === undefined ? {} : { headers: mock.headers }),
    ...(mock.response === undefined ? {} : { answer: mock.response }),
  }));
}

/** Mocks are written as URLs, as paths of the API, or as paths behind its base path. */
function toPath(text: string, bases: readonly string[]): string {
  if (!text.startsWith('/')) return decodeURI(new URL(text).pathname);
  const base = bases.map((url) => new URL(url).pathname.replace(/\/$/, '')).find((path) => path !== '');
  return base === undefined || text.startsWith(`${base}/`) ? text : `${base}${text}`;
}
