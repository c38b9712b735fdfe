import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { failed, type JsonObject, type Manifest, type Outcome, succeeded, type ToolCall } from '@toolplane/contracts';
import { openSession } from './legacy-session.ts';
import { call, echoTool, modern, startTestEdge, type TestEdge } from './test-edge.ts';

let edge: TestEdge;

const plan = { planDigest: 'd1', deadlineMs: 5000 };
const published: Partial<Manifest> = {
  prompts: [
    {
      name: 'greet',
      title: 'Greet',
      description: 'Says hello.',
      ...plan,
      arguments: [
        { name: 'who', description: 'Whom', required: true, values: ['Paris', 'Parma', 'Oslo'] },
        { name: 'how', required: false },
      ],
    },
  ],
  resources: [{ uri: 'night://timetable', name: 'timetable', mimeType: 'text/plain', ...plan }],
  resourceTemplates: [
    {
      uriTemplate: 'night://train/{number}/menu',
      name: 'menu',
      ...plan,
      variables: [{ name: 'number', values: ['12', '13'] }],
    },
  ],
};

beforeAll(async () => {
  edge = await startTestEdge();
  await edge.publishServer(published);
});
beforeEach(() => {
  edge.calls.length = 0;
});
afterAll(async () => edge[Symbol.asyncDispose]());

const legacy = { 'mcp-protocol-version': '2025-11-25' };

async function ask(method: string, params: object = {}, headers: Record<string, string> = legacy) {
  return edge.post({ jsonrpc: '2.0', id: 1, method, params }, { headers });
}

/** Sends the same request in the modern era; `name` is repeated in the header `Mcp-Name`. */
function askModern(method: string, params: object = {}, name?: string) {
  return ask(method, { ...params, _meta: modern.meta }, modern.headers(method, name));
}

function answerWith(content: JsonObject[]): void {
  edge.handle = async (): Promise<Outcome> => succeeded({}, content);
}

describe('lists', () => {
  test('show what exists, without what only the platform needs', async () => {
    const prompts = (await ask('prompts/list')).body.result.prompts;
    expect(prompts).toEqual([
      {
        name: 'greet',
        title: 'Greet',
        description: 'Says hello.',
        arguments: [
          { name: 'who', description: 'Whom', required: true },
          { name: 'how', required: false },
        ],
      },
    ]);
    expect((await ask('resources/list')).body.result).toEqual({
      resources: [{ uri: 'night://timetable', name: 'timetable', mimeType: 'text/plain' }],
    });
    expect((await askModern('resources/templates/list')).body.result).toMatchObject({
      resultType: 'complete',
      ttlMs: 60_000,
      cacheScope: 'private',
      resourceTemplates: [{ uriTemplate: 'night://train/{number}/menu', name: 'menu' }],
    });
  });

  test('of more than one page continue where they stopped, even if the list has changed meanwhile', async () => {
    const tools = Array.from({ length: 1005 }, (_, n) => ({
      ...echoTool,
      ...plan,
      isRepeatable: true,
      name: `tool_${String(n).padStart(4, '0')}`,
    }));
    const shuffled = [...tools].sort((a, b) => a.name.localeCompare(b.name) * (a.name.charCodeAt(8) % 2 ? 1 : -1));
    await edge.publishServer({ ...published, tools: shuffled });
    const first = (await ask('tools/list')).body.result;
    expect(first.tools.map(({ name }: { name: string }) => name)).toEqual(tools.slice(0, 1000).map(({ name }) => name));
    // The tool at the cursor's position is removed.
    await edge.publishServer({ ...published, tools: tools.filter(({ name }) => name !== 'tool_0999') });
    const second = (await ask('tools/list', { cursor: first.nextCursor })).body.result;
    expect(second.tools.map(({ name }: { name: string }) => name)).toEqual(tools.slice(1000).map(({ name }) => name));
    expect(second.nextCursor).toBeUndefined();
    await edge.publishServer(published);
  });

  test.each(['zzz', Buffer.from('prompts a').toString('base64url'), 7])('refuse the cursor %j', async (cursor) => {
    expect((await ask('tools/list', { cursor })).body.error.code).toBe(-32602);
  });
});

describe('a prompt', () => {
  test('is what its plan makes of the arguments', async () => {
    answerWith([{ role: 'user', content: { type: 'text', text: 'Hello Oslo' } }]);
    const { body } = await ask('prompts/get', { name: 'greet', arguments: { who: 'Oslo' } });
    expect(body.result).toEqual({
      description: 'Says hello.',
      messages: [{ role: 'user', content: { type: 'text', text: 'Hello Oslo' } }],
    });
    expect(edge.calls).toMatchObject([{ tool: 'prompt:greet', planDigest: 'd1', arguments: { who: 'Oslo' } }]);
  });

  test('whose steps may not be sent twice is not restarted when its worker is lost', async () => {
    edge.handle = async () => failed('unknown', 'worker_lost', 'The worker of the call was lost');
    const lost = await ask('prompts/get', { name: 'greet', arguments: { who: 'Oslo' } });
    expect(lost.body.error.data).toMatchObject({ code: 'worker_lost', outcome: 'unknown' });
    expect(edge.calls).toHaveLength(1);
  });

  test.each([
    ['without a required argument', { name: 'greet', arguments: {} }],
    ['with an argument that is not text', { name: 'greet', arguments: { who: 7 } }],
    ['that does not exist', { name: '__proto__' }],
  ])('%s is −32602 and runs nothing', async (_name, params) => {
    expect((await ask('prompts/get', params)).body.error.code).toBe(-32602);
    expect(edge.calls).toEqual([]);
  });
});

describe('a resource', () => {
  test('is read by its URI', async () => {
    answerWith([{ uri: 'night://timetable', mimeType: 'text/plain', text: '23:04' }]);
    expect((await ask('resources/read', { uri: 'night://timetable' })).body.result).toEqual({
      contents: [{ uri: 'night://timetable', mimeType: 'text/plain', text: '23:04' }],
    });
  });

  test('of a template gets the variables of the URI, and its contents have that URI', async () => {
    answerWith([{ text: 'soup' }]);
    const uri = 'night://train/12%2F3/menu';
    const { body } = await askModern('resources/read', { uri }, uri);
    expect(body.result).toMatchObject({ ttlMs: 60_000, cacheScope: 'private', contents: [{ uri, text: 'soup' }] });
    expect(edge.calls).toMatchObject([{ tool: 'resource:night://train/{number}/menu', arguments: { number: '12/3' } }]);
  });

  test.each(['night://none', 'night://train/1/2/menu', 'night://train//menu', 'night://train/%E0%A4%A/menu'])(
    'that does not exist is reported as each era defines: %s',
    async (uri) => {
      expect((await ask('resources/read', { uri })).body.error).toMatchObject({ code: -32002, data: { uri } });
      expect((await askModern('resources/read', { uri }, uri)).body.error).toMatchObject({
        code: -32602,
        data: { uri },
      });
      expect(edge.calls).toEqual([]);
    },
  );

  test('that a template leads to but that does not exist is also reported as each era defines', async () => {
    edge.handle = async () => failed('done', 'not_found', 'The external server answered with an error: Not there');
    const uri = 'night://train/12/menu';
    const error = { message: 'There is no such resource', data: { uri } };
    expect((await ask('resources/read', { uri })).body.error).toEqual({ code: -32002, ...error });
    expect((await askModern('resources/read', { uri }, uri)).body.error).toEqual({ code: -32602, ...error });
  });
});

describe('completion', () => {
  const complete = (ref: object, name: string, value: string) =>
    ask('completion/complete', { ref, argument: { name, value } });

  test('offers the declared values that begin with what was typed', async () => {
    const prompt = await complete({ type: 'ref/prompt', name: 'greet' }, 'who', 'par');
    expect(prompt.body.result.completion).toEqual({ values: ['Paris', 'Parma'], total: 2, hasMore: false });
    const template = { type: 'ref/resource', uri: 'night://train/{number}/menu' };
    expect((await complete(template, 'number', '13')).body.result.completion.values).toEqual(['13']);
    expect((await complete({ type: 'ref/prompt', name: 'greet' }, 'how', '')).body.result.completion.values).toEqual(
      [],
    );
  });

  test.each([
    ['of an unknown prompt', { type: 'ref/prompt', name: 'constructor' }, 'who'],
    ['of an unknown argument', { type: 'ref/prompt', name: 'greet' }, 'whom'],
    ['without a reference', {}, 'who'],
  ])('%s is −32602', async (_name, ref, name) => {
    expect((await complete(ref, name, '')).body.error.code).toBe(-32602);
  });
});

describe('what a call reports while it runs', () => {
  const events = async (headers: Record<string, string>, meta: object) => {
    edge.handle = async (delivered) => {
      const { events: wanted } = delivered.body as ToolCall;
      if (wanted?.progress) delivered.notify({ kind: 'progress', progress: 1, total: 2, message: 'Step find' });
      if (wanted?.logLevel) {
        delivered.notify({ kind: 'log', level: 'info', data: { event: 'step_finished', step: 'find' } });
      }
      if (wanted?.progress) delivered.notify({ kind: 'progress', progress: 2, total: 2 });
      return succeeded({ text: 'a' });
    };
    const answer = await fetch(`${edge.url}/mcp/${edge.serverId}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': edge.key, ...headers },
      body: JSON.stringify(call({ text: 'a' }, { _meta: meta })),
    });
    return { type: answer.headers.get('content-type'), text: await answer.text() };
  };
  const messagesOf = (text: string) =>
    text.split('\n\n').flatMap((event) => {
      const data = /^data: (\{.*)$/m.exec(event)?.[1];
      return data === undefined ? [] : [JSON.parse(data)];
    });
  const both = { accept: 'application/json, text/event-stream' };

  test('arrives on a stream before the answer, for clients that sent a progress token (P1)', async () => {
    const { type, text } = await events({ ...legacy, ...both }, { progressToken: 't' });
    expect(type).toBe('text/event-stream');
    const [first, second, answer] = messagesOf(text);
    expect(first).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken: 't', progress: 1, total: 2, message: 'Step find' },
    });
    expect(second.params).toEqual({ progressToken: 't', progress: 2, total: 2 });
    expect(answer.result.structuredContent).toEqual({ text: 'a' });
    expect(edge.calls[0]?.events).toEqual({ progress: true });
  });

  test('is left out for a client that reads no stream, and the data plane is not asked for it', async () => {
    const { type, text } = await events({ ...legacy, accept: 'application/json' }, { progressToken: 't' });
    expect([type, JSON.parse(text).result.structuredContent]).toEqual(['application/json', { text: 'a' }]);
    expect(edge.calls[0]?.events).toBeUndefined();
  });

  test('is logged to a modern client that named a level in its request, and to no other (P2)', async () => {
    const headers = { ...modern.headers('tools/call', 'echo'), ...both };
    const level = { 'io.modelcontextprotocol/logLevel': 'info' };
    const { text } = await events(headers, { ...modern.meta, ...level });
    expect(messagesOf(text)[0]).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/message',
      params: { level: 'info', logger: 'toolplane', data: { event: 'step_finished', step: 'find' } },
    });
    expect((await events(headers, modern.meta)).type).toBe('application/json');
    const wrong = { ...modern.meta, 'io.modelcontextprotocol/logLevel': 'loud' };
    expect(JSON.parse((await events(headers, wrong)).text).error.code).toBe(-32602);
  });

  test('is logged to a legacy client once it has set a level in its session', async () => {
    const session = await openSession(edge);
    expect((await events({ ...session, ...both }, {})).type).toBe('application/json');
    expect((await ask('logging/setLevel', { level: 'debug' }, session)).body.result).toEqual({});
    const { text } = await events({ ...session, ...both }, {});
    expect(messagesOf(text)[0].method).toBe('notifications/message');
    expect(edge.calls.at(-1)?.events).toEqual({ progress: false, logLevel: 'debug' });
    expect((await ask('logging/setLevel', { level: 'loud' }, session)).body.error.code).toBe(-32602);
    expect((await ask('logging/setLevel', { level: 'debug' })).body.error.code).toBe(-32600);
  });

  test('arrives on a stream even if the client accepts nothing but a stream', async () => {
    edge.handle = async (delivered) => succeeded((delivered.body as ToolCall).arguments);
    const { text, headers } = await edge.post(JSON.stringify(call({ text: 'a' })), {
      headers: { ...legacy, accept: 'text/event-stream' },
      raw: true,
    });
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(messagesOf(text)).toMatchObject([{ id: 1, result: { structuredContent: { text: 'a' } } }]);
  });
});

describe('a subscription to a resource', () => {
  test('needs a session and a resource that exists', async () => {
    const session = await openSession(edge);
    const uri = 'night://timetable';
    expect((await ask('resources/subscribe', { uri }, session)).body.result).toEqual({});
    expect((await ask('resources/unsubscribe', { uri }, session)).body.result).toEqual({});
    expect((await ask('resources/subscribe', { uri: 'night://none' }, session)).body.error.code).toBe(-32002);
    expect((await ask('resources/subscribe', { uri })).body.error.code).toBe(-32600);
  });
});

describe('a browser', () => {
  const origin = 'http://localhost:6274';
  const preflight = (headers: Record<string, string>) =>
    fetch(`${edge.url}/mcp/${edge.serverId}`, { method: 'OPTIONS', headers });

  test('of an allowed origin may send and read the headers that MCP needs', async () => {
    const asked = 'content-type,mcp-param-tenant_id,x-evil';
    const answer = await preflight({ origin, 'access-control-request-headers': asked });
    expect(answer.status).toBe(204);
    const allowed = answer.headers.get('access-control-allow-headers') ?? '';
    const wanted = ['Authorization', 'Mcp-Session-Id', 'Mcp-Protocol-Version', 'x-api-key', 'mcp-param-tenant_id'];
    for (const name of wanted) {
      expect(allowed).toContain(name);
    }
    expect(allowed).not.toContain('x-evil');
    const post = await ask('ping', {}, { ...legacy, origin });
    expect(post.headers.get('access-control-allow-origin')).toBe(origin);
    expect(post.headers.get('access-control-expose-headers')).toContain('Mcp-Session-Id');
    expect(post.headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('of another origin is refused before anything else (T28)', async () => {
    const answer = await preflight({ origin: 'https://evil.example' });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  });
});

describe('a name that is not text', () => {
  test.each([
    ['tools/call', { name: ['echo'], arguments: { text: 'a' } }],
    ['tools/call', { name: { toString: 'x' }, arguments: { text: 'a' } }],
    ['prompts/get', { name: ['greet'], arguments: { who: 'a' } }],
  ])('is unknown to %s, and no header can replace it', async (method, params) => {
    expect((await ask(method, params)).body.error.code).toBe(-32602);
    expect((await askModern(method, params)).body.error.code).toBe(-32602);
    expect((await askModern(method, params, 'echo')).body.error.code).toBe(-32020);
    expect(edge.calls).toEqual([]);
  });
});

test('a URI longer than any published one is not looked up', async () => {
  const uri = `night://train/${'1'.repeat(3000)}/menu`;
  expect((await ask('resources/read', { uri })).body.error.code).toBe(-32602);
  expect((await ask('resources/subscribe', { uri }, await openSession(edge))).body.error.code).toBe(-32602);
});

test('refused Config- headers are reported to the request that has them, on both paths', async () => {
  const session = await openSession(edge);
  const answer = await edge.post(call({ text: 'a' }), { headers: { ...session, 'config-org': 'x'.repeat(2000) } });
  expect([answer.status, answer.body.id, answer.body.error.code]).toEqual([200, 1, -32602]);
});

test.each([
  ['a NUL', 'a\u0000b'],
  ['a right-to-left override', 'a\u202eb'],
  ['half a million characters', 'x'.repeat(500_000)],
])('text with %s arrives as it was sent (B014)', async (_name, text) => {
  edge.handle = async (delivered) => succeeded((delivered.body as ToolCall).arguments);
  const { body } = await edge.post(call({ text }));
  // Compared without `toBe`, which would print the whole difference.
  expect(body.result.structuredContent.text === text).toBe(true);
});

test('a lone surrogate is passed on or refused, and never breaks the edge (B014)', async () => {
  edge.handle = async (delivered) => succeeded((delivered.body as ToolCall).arguments);
  const message =
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"\\ud800"}}}';
  const { status, body } = await edge.post(message);
  expect(status).toBe(200);
  expect(body.result.structuredContent.text).toMatch(/^[\ud800\ufffd]$/);
});

describe('on an external server', () => {
  beforeAll(() => {
    const completion = { planDigest: 'd2', deadlineMs: 5000 };
    return edge.publishServer({
      prompts: [{ name: 'plan_trip', ...plan, completion, arguments: [{ name: 'city' }] }],
      resourceTemplates: [
        {
          uriTemplate: 'night://{train}',
          name: 'train',
          ...plan,
          variables: [{ name: 'train' }],
          takesUri: true,
        },
      ],
    });
  });
  afterAll(() => edge.publishServer(published));

  test('prompt arguments are completed by that server', async () => {
    edge.handle = async () => succeeded({ values: ['Paris', 'Parma'], hasMore: true });
    const ref = { type: 'ref/prompt', name: 'plan_trip' };
    const argument = { name: 'city', value: 'pa' };
    const context = { arguments: { country: 'fr' } };
    const { body } = await ask('completion/complete', { ref, argument, context });
    expect(body.result.completion).toEqual({ values: ['Paris', 'Parma'], hasMore: true });
    expect(edge.calls).toMatchObject([
      { tool: 'prompt:plan_trip', planDigest: 'd2', arguments: { argument, context } },
    ]);
  });

  test('the plan of a resource template gets the URI exactly as it was requested', async () => {
    answerWith([{ text: 'soup' }]);
    const uri = 'night://12%2F3';
    expect((await ask('resources/read', { uri })).body.result).toEqual({ contents: [{ uri, text: 'soup' }] });
    expect(edge.calls).toMatchObject([{ tool: 'resource:night://{train}', arguments: { uri } }]);
  });
});
