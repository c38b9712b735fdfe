import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { completable as completableV1 } from '@modelcontextprotocol/sdk/server/completable.js';
import { completable, inputRequired } from '@modelcontextprotocol/server';
import type { Outcome, Plan, PlanExternal } from '@toolplane/contracts';
import { z } from 'zod';
import { externalPlan } from '../../../test/external-plan.ts';
import { type ExternalServerOfTest, startLegacyServer, startModernServer } from '../../../test/external-servers.ts';
import { client, internalErrors, runTool, type ToolRun } from '../../../test/run-tool.ts';
import { createConnectionPool } from '../../external-mcp/connection-pool.ts';
import { systemClock } from '../clock.ts';

/* Tests what a server offers in addition to tools, and the questions that a modern server asks before it answers. */

const externalServers = createConnectionPool({ http: client });
let modern: ExternalServerOfTest;
let legacy: ExternalServerOfTest;

const cities = (typed = '') => ['Paris', 'Parma', 'Oslo'].filter((city) => city.startsWith(typed));
const plan = ({ city }: { city: string }) => ({
  messages: [{ role: 'user' as const, content: { type: 'text' as const, text: `A trip to ${city}` } }],
});
const read = (uri: URL) => ({ contents: [{ uri: uri.href, mimeType: 'text/plain', text: 'Be quiet' }] });

beforeAll(async () => {
  modern = await startModernServer((server) => {
    server.registerPrompt('trip', { argsSchema: z.object({ city: completable(z.string(), cities) }) }, plan);
    server.registerResource('rules', 'house://rules', {}, read);
    server.registerTool('book', {}, ({ mcpReq }) => {
      const { name } = (mcpReq.inputResponses?.['who'] as { content?: { name?: string } } | undefined)?.content ?? {};
      if (name !== undefined) return { content: [{ type: 'text', text: `${name} ${mcpReq.requestState()}` }] };
      const requestedSchema = { type: 'object' as const, properties: { name: { type: 'string' as const } } };
      const who = inputRequired.elicit({ message: 'Who?', requestedSchema });
      return inputRequired({ inputRequests: { who }, requestState: 'seat-12' });
    });
  });
  legacy = await startLegacyServer((server) => {
    server.registerPrompt('trip', { argsSchema: { city: completableV1(z.string(), cities) } }, plan);
    server.registerResource('rules', 'house://rules', {}, read);
  });
});
afterAll(async () => {
  await externalServers.close();
  expect(internalErrors).toEqual([]);
  for (const server of [modern, legacy]) await server[Symbol.asyncDispose]();
});

const run = (of: Plan, rest: ToolRun = {}) =>
  runTool(of, { clock: systemClock, services: { externalServers }, ...rest });
const places = () =>
  [
    [modern, { transport: 'http', era: 'modern' }],
    [legacy, { transport: 'http', era: 'legacy' }],
  ] as const;

test('a prompt gives its messages and a resource its contents, wherever the URI comes from', async () => {
  for (const [server, known] of places()) {
    const prompt = externalPlan(server, { kind: 'prompt', name: 'trip' }, known);
    expect(await run(prompt, { inputs: { city: 'Oslo' } })).toMatchObject({
      ok: true,
      value: null,
      content: [{ role: 'user', content: { type: 'text', text: 'A trip to Oslo' } }],
    });
    const contents = [{ uri: 'house://rules', mimeType: 'text/plain', text: 'Be quiet' }];
    const fixed = externalPlan(server, { kind: 'resource', uri: 'house://rules' }, known);
    expect(await run(fixed)).toMatchObject({ ok: true, content: contents });
    const given = externalPlan(server, { kind: 'resource' }, known);
    expect(await run(given, { inputs: { uri: 'house://rules' } })).toMatchObject({ ok: true, content: contents });
  }
});

test('arguments of a prompt are completed by the server', async () => {
  for (const [server, known] of places()) {
    const ref = { type: 'ref/prompt', name: 'trip' } as const;
    const outcome = await run(externalPlan(server, { kind: 'completion', ref }, known), {
      inputs: { argument: { name: 'city', value: 'Par' } },
    });
    expect(outcome).toMatchObject({ ok: true, value: { values: ['Paris', 'Parma'] } });
  }
});

function stateOf(outcome: Outcome): string {
  if (outcome.outcome !== 'input_required') throw new Error('it asks nothing');
  return outcome.state ?? '';
}

const asking = { transport: 'http', era: 'modern', allow: ['elicitation'] } as const satisfies Partial<PlanExternal>;

test('a modern server’s question is passed to the client, and the answer returns with its state', async () => {
  const tool = externalPlan(modern, { kind: 'tool', name: 'book' }, asking);
  const asked = await run(tool, { abilities: ['elicitation'] });
  expect(asked).toMatchObject({
    ok: true,
    outcome: 'input_required',
    inputRequests: { who: { method: 'elicitation/create', params: { message: 'other: Who?' } } },
  });
  const inputResponses = { who: { action: 'accept', content: { name: 'Ada' } }, other: { action: 'accept' } };
  // The state is also accepted in the format of an earlier release.
  for (const state of [stateOf(asked), 'seat-12']) {
    expect(await run(tool, { abilities: ['elicitation'], inputResponses, state })).toMatchObject({
      ok: true,
      outcome: 'done',
      content: [{ type: 'text', text: 'Ada seat-12' }],
    });
  }
});

test('an answer that does not fit a modern server’s form is refused before anything is sent', async () => {
  const tool = externalPlan(modern, { kind: 'tool', name: 'book' }, asking);
  const state = stateOf(await run(tool, { abilities: ['elicitation'] }));
  for (const who of [{ action: 'accept', content: { name: 5 } }, { action: 'accept', content: 'Ada' }, {}, null]) {
    const outcome = await run(tool, { abilities: ['elicitation'], inputResponses: { who }, state });
    expect(outcome).toMatchObject({ outcome: 'not_started', error: { code: 'invalid_input_response' } });
  }
});

test('a client that cannot be asked is not asked, and the error names the missing capability', async () => {
  const tool = externalPlan(modern, { kind: 'tool', name: 'book' }, asking);
  expect(await run(tool)).toMatchObject({
    ok: false,
    outcome: 'not_started',
    error: { code: 'client_capability_missing', details: { requiredCapabilities: { elicitation: {} } } },
  });
});

test('a server that may not ask is not told that it can, and what it still asks is not passed on (T30)', async () => {
  const tool = externalPlan(modern, { kind: 'tool', name: 'book' }, { ...asking, allow: ['sampling'] });
  expect(await run(tool, { abilities: ['elicitation', 'sampling'] })).toMatchObject({
    ok: false,
    outcome: 'not_started',
    error: { code: 'external_server_failed' },
  });
});

test('a server that was modern and now speaks the legacy protocol is still called, and only once', async () => {
  legacy.asked.length = 0;
  const prompt = externalPlan(legacy, { kind: 'prompt', name: 'trip' }, { transport: 'http', era: 'modern' });
  expect(await run(prompt, { inputs: { city: 'Oslo' } })).toMatchObject({ ok: true });
  expect(legacy.asked.map(({ method }) => method)).toEqual([
    'prompts/get',
    'server/discover',
    'initialize',
    'notifications/initialized',
    'prompts/get',
  ]);
});
