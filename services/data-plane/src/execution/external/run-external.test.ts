import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fromJsonSchema } from '@modelcontextprotocol/server';
import type { JsonObject, Outcome, Plan, PlanExternal } from '@toolplane/contracts';
import { z } from 'zod';
import {
  type ExternalServerOfTest,
  startLegacyServer,
  startModernServer,
  startSseServer,
} from '../../../test/external-servers.ts';
import { answerJson, startMisbehavingServer } from '../../../test/misbehaving-server.ts';
import { planOf, templateOf } from '../../../test/plan.ts';
import { client, internalErrors, runTool, secretOf, type ToolRun } from '../../../test/run-tool.ts';
import { createConnectionPool } from '../../external-mcp/connection-pool.ts';
import { systemClock } from '../clock.ts';

const externalServers = createConnectionPool({ http: client });
let modern: ExternalServerOfTest;
let legacy: ExternalServerOfTest;
let old: ExternalServerOfTest;

const sum = ({ a = 0, b = 0 }: { a?: number; b?: number }) => ({
  content: [{ type: 'text' as const, text: String(a + b) }],
  structuredContent: { sum: a + b },
});
const refuse = () => ({ content: [{ type: 'text' as const, text: 'No such customer' }], isError: true });
const shape = { a: z.number(), b: z.number() };

beforeAll(async () => {
  modern = await startModernServer((server) => {
    server.registerTool('add', { inputSchema: z.object(shape), outputSchema: z.object({ sum: z.number() }) }, sum);
    server.registerTool('refuse', {}, refuse);
    server.registerTool('bare', {}, () => ({ content: [{ type: 'text', text: 'only text' }] }));
    server.registerTool('mute', {}, () => ({ content: [], structuredContent: { sum: 1 } }));
  });
  const addTools: Parameters<typeof startLegacyServer>[0] = (server) => {
    server.registerTool('add', { inputSchema: shape, outputSchema: { sum: z.number() } }, sum);
    server.registerTool('refuse', {}, refuse);
  };
  legacy = await startLegacyServer(addTools);
  old = await startSseServer(addTools);
});

afterAll(async () => {
  await externalServers.close();
  expect(internalErrors).toEqual([]);
  for (const server of [modern, legacy, old]) await server[Symbol.asyncDispose]();
});

/** Runs a plan like a data plane, whose calls share their connections. */
function run(plan: Plan, rest: ToolRun = {}): Promise<Outcome> {
  return runTool(plan, { clock: systemClock, services: { externalServers }, ...rest });
}

function toolAt(server: { url: string }, name: string, rest: Partial<PlanExternal> = {}): Plan {
  return planOf([], {}, { external: { ...externalAt(server, name), ...rest } });
}

function externalAt({ url }: { url: string }, name: string): PlanExternal {
  return { serverName: 'other', url, headers: [], secrets: [], target: { kind: 'tool', name } };
}

const places = () =>
  [
    [modern, { transport: 'http', era: 'modern' }],
    [legacy, { transport: 'http', era: 'legacy' }],
    [old, { transport: 'sse', era: 'legacy' }],
  ] as const;

test('a tool of a server of any era and transport is called, with its content and its structured content', async () => {
  for (const [server, known] of places()) {
    const outcome = await run(toolAt(server, 'add', known), { inputs: { a: 2, b: 3 } });
    expect(outcome).toEqual({
      ok: true,
      outcome: 'done',
      value: { sum: 5 },
      content: [{ type: 'text', text: '5' }],
    });
  }
});

test('a failure that a tool itself reports is passed on unchanged', async () => {
  for (const [server, known] of places()) {
    const outcome = await run(toolAt(server, 'refuse', known));
    expect(outcome).toEqual({
      ok: true,
      outcome: 'done',
      value: null,
      isError: true,
      content: [{ type: 'text', text: 'No such customer' }],
    });
  }
});

describe('a result that is not what its server declares is passed on as text, and as a failure that took effect', () => {
  const promising = (name: string, member: string, declared: JsonObject = {}): Plan => {
    const outputSchema = { type: 'object', properties: { [member]: declared }, required: [member] };
    const target = { kind: 'tool' as const, name, outputSchema };
    return planOf([], {}, { external: { ...externalAt(modern, name), era: 'modern', target } });
  };

  test.each<[string, string, string, JsonObject]>([
    ['another structured result', 'add', '5', {}],
    ['one that lacks what has a default', 'add', '5', { default: 0 }],
    ['no structured result', 'bare', 'only text', {}],
    ['a structured result alone', 'mute', '{"sum":1}', {}],
  ])('%s', async (_name, tool, text, declared) => {
    const notice = { type: 'text', text: expect.stringMatching(/^The tool ran, but .*outputSchema/) };
    const content = [notice, { type: 'text', text }];
    const outcome = await run(promising(tool, 'total', declared), { inputs: { a: 2, b: 3 } });
    expect(outcome).toEqual({ ok: true, outcome: 'done', value: null, isError: true, content });
  });

  test('but what is as declared, and a failure of the tool, is passed on as it is', async () => {
    expect(await run(promising('add', 'sum'), { inputs: { a: 2, b: 3 } })).toMatchObject({ value: { sum: 5 } });
    const content = [{ type: 'text', text: 'No such customer' }];
    expect(await run(promising('refuse', 'sum'))).toMatchObject({ content, isError: true });
  });
});

test('a server whose era is known receives only the call, and a session is reused', async () => {
  modern.asked.length = 0;
  await run(toolAt(modern, 'add', { era: 'modern' }), { inputs: { a: 1, b: 1 } });
  expect(modern.asked.map(({ method }) => method)).toEqual(['tools/call']);
  legacy.asked.length = 0;
  const plan = toolAt(legacy, 'add', { transport: 'http', era: 'legacy' });
  for (const b of [1, 2]) expect(await run(plan, { inputs: { a: 1, b } })).toMatchObject({ value: { sum: 1 + b } });
  expect(legacy.asked.map(({ method }) => method)).toEqual(['tools/call', 'tools/call']);
});

test('concurrent calls have a session each, other headers or workspaces their own; all end with the pool', async () => {
  const pool = createConnectionPool({ http: client });
  await using server = await startLegacyServer((it) => {
    it.registerTool('add', { inputSchema: shape, outputSchema: { sum: z.number() } }, sum);
  });
  const known = { transport: 'http', era: 'legacy' } as const;
  const call = (plan: Plan) => run(plan, { inputs: { a: 1, b: 1 }, services: { externalServers: pool } });
  const plan = toolAt(server, 'add', known);
  await Promise.all([call(plan), call(plan)]);
  expect(server.sessions.size).toBe(2);
  await call(plan);
  expect(server.sessions.size).toBe(2);
  await call({ ...plan, workspaceId: 'other' });
  await call(toolAt(server, 'add', { ...known, headers: [['X-Region', templateOf('eu')]] }));
  expect(server.sessions.size).toBe(4);
  await pool.close();
  expect(server.sessions.size).toBe(0);
});

test('a header carries the secret that it names, and nothing from the caller is sent along', async () => {
  modern.asked.length = 0;
  const headers: PlanExternal['headers'] = [['Authorization', templateOf('Bearer $secrets.TOKEN')]];
  const plan = toolAt(modern, 'add', { era: 'modern', headers, secrets: ['TOKEN'] });
  const caller = {
    config: { region: 'region-of-the-caller' },
    username: 'ada@example.com',
    token: 'token-of-the-caller',
  };
  const secrets = { TOKEN: secretOf('s3cret-of-the-server') };
  await run(plan, { inputs: { a: 1, b: 1 }, caller, secrets });
  expect(modern.asked[0]?.headers.authorization).toBe('Bearer s3cret-of-the-server');
  expect(JSON.stringify(modern.asked)).not.toMatch(/caller|ada@example/);
});

test('a secret that the server refuses is read again, and the call is sent once more with the new value', async () => {
  await using server = await startMisbehavingServer(({ id }, response, { headers }) => {
    if (headers.authorization !== 'Bearer n3w-value-of-it') return void response.writeHead(401).end();
    answerJson(response, { jsonrpc: '2.0', id, result: { content: [] } });
  });
  const headers: PlanExternal['headers'] = [['Authorization', templateOf('Bearer $secrets.TOKEN')]];
  const plan = toolAt(server, 'add', { transport: 'http', era: 'legacy', headers, secrets: ['TOKEN'] });
  let reads = 0;
  const secrets = {
    get: async () => secretOf(reads++ === 0 ? 'old-value-of-it' : 'n3w-value-of-it'),
    expire: () => {},
  };
  expect(await run(plan, { services: { externalServers, secrets } })).toMatchObject({ ok: true });
  expect(server.asked.filter(({ method }) => method === 'tools/call')).toHaveLength(2);
});

test('structured content that is not an object becomes text for clients that support nothing else', async () => {
  const results = [
    { structuredContent: [1, 2] },
    { structuredContent: [1, 2], content: [{ type: 'text', text: 'two' }] },
  ];
  await using server = await startMisbehavingServer(({ id }, response) => {
    answerJson(response, { jsonrpc: '2.0', id, result: results.shift() });
  });
  const plan = toolAt(server, 'list', { transport: 'http', era: 'legacy' });
  const texts = [await run(plan), await run(plan)];
  expect(texts).toMatchObject([
    { ok: true, value: null, content: [{ type: 'text', text: '[1,2]' }] },
    { ok: true, value: null, content: [{ type: 'text', text: 'two' }] },
  ]);
});

test('arguments that a modern server wants repeated in headers are repeated there', async () => {
  const schema = { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } } as const;
  await using server = await startModernServer((it) => {
    it.registerTool('list', { inputSchema: fromJsonSchema<{ region: string }>(schema) }, ({ region }) => ({
      content: [{ type: 'text', text: region }],
    }));
  });
  const known = { transport: 'http', era: 'modern' } as const;
  const plan = toolAt(server, 'list', known);
  const target = {
    kind: 'tool' as const,
    name: 'list',
    parameterHeaders: [['Region', ['region']]] as [string, string[]][],
  };
  if (plan.external !== undefined) plan.external.target = target;
  for (const region of ['eu', 'Québec ']) {
    expect(await run(plan, { inputs: { region } })).toMatchObject({ content: [{ text: region }] });
  }
  expect(server.asked.map(({ headers }) => headers['mcp-param-region'])).toEqual(['eu', '=?base64?UXXDqWJlYyA=?=']);
});
