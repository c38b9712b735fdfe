import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  type FlowRun,
  failed,
  formatDebugToken,
  type Manifest,
  succeeded,
  type Tool,
  type ToolCall,
} from '@toolplane/contracts';
import { policyOf } from './policies.ts';
import { call, echoTool, startTestEdge, type TestEdge } from './test-edge.ts';

/*
 * A debug session from the edge's point of view: the data that accompanies each call, and the endpoint where the holder
 * of the session runs a tool.
 */

const token = formatDebugToken(randomBytes(32));
const otherToken = formatDebugToken(randomBytes(32));
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const session = (changes: Partial<NonNullable<Manifest['debug']>> = {}): Pick<Manifest, 'debug'> => ({
  debug: { grant: 'signed', sessionId: 'dbg_1', expiresAt: Date.now() + 60_000, tokenHash: hashOf(token), ...changes },
});
const trace: FlowRun = { type: 'flow.run', duration_ms: 1, flow_id: 'echo', children: [] };

const plan = { planDigest: 'd1', deadlineMs: 5000, isRepeatable: true };
const inputSchema = {
  type: 'object',
  properties: {
    text: { type: 'string' },
    numbers: { type: 'array', items: { type: 'integer' } },
    flag: { type: ['boolean', 'null'] },
    options: { type: 'object' },
    pin: { type: 'string', format: 'password' },
    users: { type: 'array', items: { type: 'object', properties: { 'a/b': { type: 'string', writeOnly: true } } } },
  },
};
const tools: Tool[] = [
  { ...echoTool, ...plan },
  { ...echoTool, ...plan, name: 'typed', inputSchema },
  { ...echoTool, ...plan, name: 'mail', usesConnection: true },
];

let edge: TestEdge;
beforeAll(async () => {
  edge = await startTestEdge();
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(async () => {
  edge.calls.length = 0;
  edge.endedCalls.length = 0;
  edge.handle = async ({ body, report }) => {
    const { debug, arguments: given } = body as ToolCall;
    if (debug?.token !== undefined) report.trace = trace;
    return succeeded(given);
  };
  await edge.publishServer({ tools, ...session() });
});

type Options = {
  authorization?: string;
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  base?: string;
};

async function run(path: string, { authorization = `Token ${token}`, method, body, headers, base }: Options = {}) {
  const response = await fetch(`${edge.url}${base ?? '/mcp'}/${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(authorization === '' ? {} : { authorization }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

describe('the holder of the token runs a tool', () => {
  test.each(['/mcp', '/api/v1/mcp'])(
    'with a body, at %s, and gets its outputs, its trace and its time',
    async (base) => {
      const answer = await run(`${edge.serverId}/debug/echo`, { base, body: { inputs: { text: 'a', count: 2 } } });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.body).toEqual({
        outcome: 'done',
        outputs: { text: 'a', count: 2 },
        trace,
        timing: {
          admission_ms: expect.any(Number),
          queue_ms: expect.any(Number),
          execution_ms: expect.any(Number),
          upstream_ms: 0,
        },
      });
      expect(edge.calls[0]?.debug).toEqual({ grant: 'signed', token, caller: 'debugger' });
      expect(edge.endedCalls[0]).toMatchObject({ source: 'debug', tool: 'echo', caller: { kind: 'key', id: 'dbg_1' } });
    },
  );

  test('with a query, whose texts are converted as the schema says', async () => {
    await run(`${edge.serverId}/debug/echo?text=1&count=2`);
    await run(
      `${edge.serverId}/debug/typed?text=1&numbers=1&numbers=2&flag=true&options=${encodeURIComponent('{"a":1}')}`,
    );
    await run(`${edge.serverId}/debug/typed?numbers=[3]&flag=null`);
    expect(edge.calls.map((it) => it.arguments)).toEqual([
      { text: '1', count: 2 },
      { text: '1', numbers: [1, 2], flag: true, options: { a: 1 } },
      { numbers: [3], flag: null },
    ]);
  });

  test('on a public server as on any other, and gets the reason for a failed run', async () => {
    await edge.publishServer({ tools, isPublic: true, ...session() });
    edge.handle = async () => failed('done', 'step_failed', 'No');
    const { status, body } = await run(`${edge.serverId}/debug/echo?text=a`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ outcome: 'done', outputs: null, error: { code: 'step_failed', message: 'No' } });
  });

  test('with wrong arguments and learns what is wrong, and nothing runs', async () => {
    const { body } = await run(`${edge.serverId}/debug/echo?count=x`);
    expect(body).toMatchObject({ outcome: 'not_started', error: { code: 'invalid_arguments' }, trace: null });
    expect(edge.calls).toEqual([]);
  });

  test('from a browser of an allowed origin', async () => {
    const origin = 'http://localhost:5173';
    const asked = await run(`${edge.serverId}/debug/echo`, {
      method: 'OPTIONS',
      authorization: '',
      headers: { origin },
    });
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
    expect(asked.headers.get('access-control-allow-headers')).toMatch(/Authorization/);
    const answer = await run(`${edge.serverId}/debug/echo?text=a`, { headers: { origin } });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
    expect(
      (await run(`${edge.serverId}/debug/echo?text=a`, { headers: { origin: 'https://evil.example' } })).status,
    ).toBe(403);
  });
});

describe('is refused:', () => {
  test.each([
    ['a tool that the server does not have', 'debug/none', {}, 404],
    ['another method', 'debug/echo', { method: 'DELETE' }, 405],
    ['a body with other members', 'debug/echo', { body: { text: 'a' } }, 400],
    ['inputs that are not an object', 'debug/echo', { body: { inputs: [1] } }, 400],
    ['a name that is not UTF-8', 'debug/%ff', {}, 400],
  ])('%s', async (_name, path, options, status) => {
    expect((await run(`${edge.serverId}/${path}`, options)).status).toBe(status);
  });
});

describe('whoever does not hold the token of an open session gets the same answer (B124):', () => {
  const expectRefusal = async (options: Options = {}, serverId = edge.serverId) => {
    const { status, headers, body } = await run(`${serverId}/debug/echo?text=a`, options);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(/^Token realm=/);
    expect(body.error.message).toBe(
      'Send the token of a debug session that is open for this server, as Authorization: Token tpd_…',
    );
    expect(edge.calls).toEqual([]);
  };

  test('no token, an API key, the token of another session, one with another scheme, a mistyped one', async () => {
    await expectRefusal({ authorization: '' });
    await expectRefusal({ authorization: '', headers: { 'x-api-key': edge.key } });
    await expectRefusal({ authorization: `Bearer ${edge.key}` });
    await expectRefusal({ authorization: `Bearer ${token}` });
    await expectRefusal({ authorization: `Token ${otherToken}` });
    await expectRefusal({ authorization: `Token ${token.slice(0, -1)}` });
    await expectRefusal({ authorization: 'Token x' });
  });

  test('at a server that does not exist, at one that nobody debugs, and by a slug, which is of a workspace', async () => {
    await expectRefusal({}, 'srv_none');
    await expectRefusal({}, edge.slug);
    await edge.publishServer({ tools });
    await expectRefusal();
    await edge.publishServer({ tools, isPublic: true });
    await expectRefusal();
  });

  test('after the session has ended, even if its end was never published', async () => {
    await edge.publishServer({ tools, ...session({ expiresAt: Date.now() - 1 }) });
    await expectRefusal();
  });

  test('an address that tries tokens is slowed down like one that tries keys', async () => {
    const replica = await edge.startReplica();
    const at = `${replica.url}/mcp/${edge.serverId}/debug/echo?text=a`;
    const statuses = new Set<number>();
    for (let count = 0; count <= 60; count++) {
      statuses.add((await fetch(at, { headers: { authorization: `Token ${otherToken}` } })).status);
    }
    expect([...statuses]).toEqual([401, 429]);
    expect((await fetch(at, { headers: { authorization: `Token ${token}` } })).status).toBe(200);
    await replica.stop();
  });
});

describe('a run of the debugger is a call like any other:', () => {
  test('a session does not bypass a policy', async () => {
    const policy = policyOf({ rules: [{ id: 'no', effect: 'deny', tools: { names: ['echo'] } }] });
    await edge.publishServer({ tools, policy, ...session() });
    const { body } = await run(`${edge.serverId}/debug/echo?text=a`);
    expect(body).toMatchObject({ outcome: 'not_started', error: { code: 'policy_denied' }, trace: null });
    expect(edge.calls).toEqual([]);
  });

  test('nobody can be named if whoever opened the session may name nobody', async () => {
    await edge.publishServer({ tools, ...session({ mayAssertUser: false }) });
    const { status, body } = await run(`${edge.serverId}/debug/echo?text=a`, { headers: { 'x-username': 'ann' } });
    expect([status, JSON.stringify(body)]).toEqual([403, expect.stringContaining('omit x-username')]);
    expect(edge.calls).toEqual([]);
  });

  test('it has no external user unless it names one who may be named', async () => {
    await run(`${edge.serverId}/debug/mail?text=a`);
    await run(`${edge.serverId}/debug/mail?text=a`, { headers: { 'x-username': 'ann', 'config-a': 'b' } });
    expect(edge.calls.map((it) => it.caller)).toEqual([
      { config: {}, agentId: 'dbg_1' },
      { config: { a: 'b' }, username: 'ann', onlyOwn: true, agentId: 'dbg_1' },
    ]);
    await edge.publishUserRules({ deactivated: [edge.digestOf('bob')] });
    const refused = await run(`${edge.serverId}/debug/mail?text=a`, { headers: { 'x-username': 'bob' } });
    expect([refused.status, refused.body.error.data.code]).toEqual([403, 'forbidden']);
    await edge.publishUserRules({});
  });
});

describe('calls of agents', () => {
  test('carry the grant of the session, never its token, and are answered as usual', async () => {
    const { body } = await edge.post(call({ text: 'a' }));
    expect(edge.calls[0]?.debug).toEqual({ grant: 'signed', caller: 'key' });
    expect(body.result).toEqual({ content: expect.anything(), structuredContent: { text: 'a', count: 1 } });
    expect(edge.endedCalls[0]).toMatchObject({ source: 'direct' });
  });

  test('say which inputs are passwords', async () => {
    await edge.post(call({ text: 'a' }, { name: 'typed' }));
    expect(edge.calls[0]?.debug?.hiddenInputs).toEqual(['/pin', '/users/*/a~1b']);
  });

  test('carry nothing when nobody debugs, or when the session has ended', async () => {
    await edge.publishServer({ tools });
    await edge.post(call({ text: 'a' }));
    await edge.publishServer({ tools, ...session({ expiresAt: Date.now() - 1 }) });
    await edge.post(call({ text: 'b' }));
    expect(edge.calls.map((it) => Object.keys(it).includes('debug'))).toEqual([false, false]);
  });
});
