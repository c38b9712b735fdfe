import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  CreateMessageResultSchema,
  ElicitResultSchema,
  ListRootsResultSchema,
} from '@modelcontextprotocol/sdk/types.js';
import {
  type Ability,
  AppError,
  type CallEvent,
  type InputRequest,
  type JsonObject,
  type PlanExternal,
} from '@toolplane/contracts';
import { z } from 'zod';
import { externalPlan } from '../../../test/external-plan.ts';
import { type ExternalServerOfTest, startLegacyServer, startSseServer } from '../../../test/external-servers.ts';
import { client, internalErrors, runTool, secretOf, type ToolRun } from '../../../test/run-tool.ts';
import { createConnectionPool } from '../../external-mcp/connection-pool.ts';
import { systemClock } from '../clock.ts';

/* Tests the questions that legacy servers ask during a call. */

const externalServers = createConnectionPool({ http: client });
let legacy: ExternalServerOfTest;
let old: ExternalServerOfTest;

const form = { type: 'object' as const, properties: { city: { type: 'string' as const, title: 'Ci\u200bty' } } };
const text = (value: unknown) => ({ content: [{ type: 'text' as const, text: JSON.stringify(value) }] });

function addTools(server: McpServer): void {
  server.registerTool('ask', { inputSchema: { times: z.number().optional() } }, async ({ times = 1 }, extra) => {
    const answers: unknown[] = [];
    for (let time = 0; time < times; time += 1) {
      const params = { message: 'Wh\u200bich city, s3cret-of-a-server?', requestedSchema: form };
      answers.push(await extra.sendRequest({ method: 'elicitation/create', params }, ElicitResultSchema));
    }
    return text(answers);
  });
  // Asks on the session and not on the call, as the SDK's examples do.
  server.registerTool('ask_aside', {}, async () =>
    text(await server.server.elicitInput({ message: 'Which?', requestedSchema: form })),
  );
  server.registerTool('open', { inputSchema: { url: z.string() } }, async ({ url }, extra) => {
    const params = { mode: 'url' as const, message: 'Sign in', url, elicitationId: 'e1' };
    const answer = await extra.sendRequest({ method: 'elicitation/create', params }, ElicitResultSchema);
    for (const elicitationId of ['e1', 'e1', 'of-somebody-else']) {
      await extra.sendNotification({ method: 'notifications/elicitation/complete', params: { elicitationId } });
    }
    return text(answer);
  });
  server.registerTool('sample', {}, async (extra) => {
    const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: 'Say \u202ehello' } }];
    const params = { messages, maxTokens: 20, includeContext: 'allServers' as const, metadata: { user: 'x' } };
    return text(await extra.sendRequest({ method: 'sampling/createMessage', params }, CreateMessageResultSchema));
  });
  server.registerTool('list_roots', {}, async (extra) =>
    text(await extra.sendRequest({ method: 'roots/list' }, ListRootsResultSchema)),
  );
  server.registerTool('give_up', {}, async (extra) => {
    const params = { message: 'Quick!', requestedSchema: form };
    const asked = { method: 'elicitation/create' as const, params };
    await extra.sendRequest(asked, ElicitResultSchema, { timeout: 200 }).catch(() => {});
    return text('gave up');
  });
}

beforeAll(async () => {
  legacy = await startLegacyServer(addTools);
  old = await startSseServer(addTools);
});
afterAll(async () => {
  await externalServers.close();
  expect(internalErrors).toEqual([]);
  for (const server of [legacy, old]) await server[Symbol.asyncDispose]();
});

const all: Ability[] = ['elicitation', 'elicitation.url', 'sampling', 'roots'];
const everything: PlanExternal['allow'] = ['elicitation', 'sampling', 'roots'];

type Options = Omit<ToolRun, 'canAskMeanwhile'> & {
  canAskMeanwhile?: true | undefined;
  allow?: PlanExternal['allow'];
  server?: ExternalServerOfTest;
};

/** Returns the questions, what the tool reported about the answers, and the outcome. */
async function call(name: string, { allow = everything, server = legacy, ...rest }: Options = {}) {
  const asked: InputRequest[] = [];
  const known = { era: 'legacy', transport: server === old ? 'sse' : 'http' } as const;
  const plan = externalPlan(server, { kind: 'tool', name }, { ...known, ...(allow && { allow }), secrets: ['TOKEN'] });
  const outcome = await runTool(plan, {
    clock: systemClock,
    abilities: all,
    canAskMeanwhile: true,
    secrets: { TOKEN: secretOf('s3cret-of-a-server') },
    ...rest,
    services: { externalServers },
    ask: async (request, signal) => {
      asked.push(request);
      return rest.ask === undefined ? { action: 'accept', content: { city: 'Oslo' } } : rest.ask(request, signal);
    },
  });
  const content = outcome.ok && outcome.outcome === 'done' ? outcome.content : undefined;
  return { asked, outcome, reported: content?.[0]?.['text'] };
}

test('a question during a call reaches the client cleaned, masked and named, and its answer the server', async () => {
  for (const server of [legacy, old]) {
    const { asked, reported } = await call('ask', { server, inputs: { times: 2 } });
    const message = 'other: Which city, [secret:TOKEN]?';
    const properties = { city: { type: 'string', title: 'City' } };
    const question = { method: 'elicitation/create', params: { message, requestedSchema: { ...form, properties } } };
    expect(asked).toMatchObject([question, question]);
    const answer = { action: 'accept', content: { city: 'Oslo' } };
    expect(reported).toBe(JSON.stringify([answer, answer]));
  }
});

test('a server that asks on the stream of its session is also heard', async () => {
  expect((await call('ask_aside')).reported).toBe('{"action":"accept","content":{"city":"Oslo"}}');
});

test('a model is asked only for text: without context of other servers or metadata (T30)', async () => {
  const result: JsonObject = { role: 'assistant', content: { type: 'text', text: 'hello' }, model: 'm1' };
  const ask = async () => ({ ...result, _meta: { 'client/user': 'ada' }, internal: 'x' });
  const { asked, reported } = await call('sample', { ask });
  const messages = [{ role: 'user', content: { type: 'text', text: 'Say hello' } }];
  expect(asked).toEqual([{ method: 'sampling/createMessage', params: { messages, maxTokens: 20 } }]);
  expect(JSON.parse(`${reported}`)).toEqual(result);
});

test('roots are the client’s roots', async () => {
  const roots = [{ uri: 'file:///home/ada/project', name: 'project' }];
  const { asked, reported } = await call('list_roots', { ask: async () => ({ roots }) });
  expect(asked).toEqual([{ method: 'roots/list', params: {} }]);
  expect(JSON.parse(`${reported}`)).toEqual({ roots });
});

describe('a page that a person is sent to', () => {
  test('is passed on if it is https, and so is the message that it has done its work', async () => {
    const reported: CallEvent[] = [];
    const { asked } = await call('open', {
      inputs: { url: 'https://id.example/start' },
      reported,
      ask: async () => ({ action: 'accept' }),
    });
    const elicitationId = expect.not.stringMatching(/^e1$/);
    const params = { mode: 'url', message: 'other: Sign in', url: 'https://id.example/start', elicitationId };
    expect(asked).toEqual([{ method: 'elicitation/create', params }]);
    // The completion is reported once, with the id that the client knows, and nothing is reported about pages to which
    // this call has sent nobody.
    expect(reported).toEqual([{ kind: 'elicitation_complete', elicitationId: asked[0]?.params['elicitationId'] }]);
  });

  test.each(['http://id.example/', 'javascript:alert(1)', 'https://bank.example@evil.example/', 'file:///etc/passwd'])(
    'is not passed on if it is %s (T30, B118)',
    async (url) => {
      const { asked, outcome } = await call('open', { inputs: { url } });
      expect(asked).toEqual([]);
      expect(outcome).toMatchObject({ ok: true, isError: true });
    },
  );
});

test('a server does not learn of what the client cannot do or it may not ask for, so it cannot ask (T30)', async () => {
  const cases: (Omit<Options, 'canAskMeanwhile'> & { isAskable?: boolean })[] = [
    { allow: ['sampling', 'roots'] },
    { allow: [] },
    { abilities: ['sampling', 'roots'] },
    { isAskable: false },
  ];
  await using server = await startLegacyServer(addTools);
  for (const { isAskable = true, ...options } of cases) {
    const { asked, outcome } = await call('ask', {
      ...options,
      server,
      ...(isAskable ? {} : { canAskMeanwhile: undefined }),
    });
    expect(asked).toEqual([]);
    expect(outcome).toMatchObject({ ok: true, isError: true });
  }
  const opened = server.asked.filter(({ method }) => method === 'initialize');
  expect(opened.map(({ params }) => Object.keys(params['capabilities'] as object).includes('elicitation'))).toEqual(
    opened.map(() => false),
  );
});

test('clients that can be asked never share a session with clients that cannot', async () => {
  await using server = await startLegacyServer(addTools);
  const sessions: number[] = [];
  for (const abilities of [all, [], all, ['elicitation'], [], ['elicitation']] as Ability[][]) {
    await call('ask', { server, abilities });
    sessions.push(server.sessions.size);
  }
  expect(sessions).toEqual([1, 2, 2, 3, 3, 3]);
});

test('an unanswered or wrongly answered question is cancelled; a refused sample is an error', async () => {
  const declined = async () => Promise.reject(new AppError('input_declined', 'No'));
  expect((await call('ask', { ask: declined })).reported).toBe('[{"action":"cancel"}]');
  const odd = async () => ({ action: 'accept', content: { city: { nested: true } } }) as JsonObject;
  expect((await call('ask', { ask: odd })).reported).toBe('[{"action":"cancel"}]');
  const refused = async () => ({ action: 'decline', content: { city: 'typed before' } });
  expect((await call('ask', { ask: refused })).reported).toBe('[{"action":"decline"}]');
  expect((await call('sample', { ask: declined })).outcome).toMatchObject({ ok: true, isError: true });
});

test('a call that asks leaves its slot in the worker, and a question that its server withdraws ends', async () => {
  const left: unknown[] = [];
  const withdrawn = Promise.withResolvers<void>();
  const ask: ToolRun['ask'] = (_request, signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        withdrawn.resolve();
        reject(signal.reason);
      });
    });
  const { reported } = await call('give_up', { ask, onLeaveSlot: () => left.push(1) });
  expect(reported).toBe('"gave up"');
  await withdrawn.promise;
  expect(left).toEqual([1]);
});

test('a question ends before its call does, so that the server can report what it has done', async () => {
  const ask: ToolRun['ask'] = (_request, signal) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const { reported } = await call('ask', { ask, deadline: Date.now() + 4000 });
  expect(reported).toBe('[{"action":"cancel"}]');
});

test('more calls than a host has slots can ask at once, and their answers get through', async () => {
  const calls = await Promise.all(Array.from({ length: 25 }, () => call('ask', { deadline: Date.now() + 30_000 })));
  expect(new Set(calls.map(({ reported }) => reported))).toEqual(
    new Set(['[{"action":"accept","content":{"city":"Oslo"}}]']),
  );
});
