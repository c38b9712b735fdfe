import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { flowerDocument, flowerDocumentOf, startTestControlPlane, type TestControlPlane } from './control-plane.ts';
import { fakeDataPlane } from './fake-data-plane.ts';

let plane: TestControlPlane;
/** The key of a tenant with a known catalogue. */
let key: string;

beforeAll(async () => {
  plane = await startTestControlPlane();
  await plane.serveCommands(fakeDataPlane(plane.sealingKey).handle);
  ({ key } = await plane.createTenant());
  await deployed('desk', 'close_case', 'find_case');
});
afterAll(() => plane.close());

const servers = '/api/v1/mcp-servers';
const send = (method: string, to: string, body?: unknown, as = key) => plane.send(method, to, body, { key: as });
const create = async (name: string, fields: object = {}) =>
  (await send('POST', servers, { name, ...fields })).body.data.id as string;
const put = (id: string, policy: unknown, more: object = {}) =>
  send('PUT', `${servers}/${id}/policy`, { policy, ...more });
const explain = async (id: string, call: object) => {
  const { status, body } = await send('POST', `${servers}/${id}/policy/explain`, call);
  expect(status).toBe(200);
  return body.data;
};

async function deployed(name: string, ...tools: string[]): Promise<string> {
  const id = await create(name, { mode: 'NORMAL' });
  const definition = flowerDocumentOf(name, ...tools);
  expect((await send('POST', `${servers}/${id}/deploy`, { definition })).status).toBeLessThan(300);
  return id;
}

const rule = { id: 'no-closing', description: 'Cases stay open', effect: 'deny', tools: { names: ['close_case'] } };

describe('an explanation', () => {
  let id: string;
  let keyId: string;
  beforeAll(async () => {
    id = await deployed('explained', 'close_case', 'find_case', 'pay');
    const { body } = await send('POST', '/api/v1/api-keys', { name: 'caller', permissions: ['tools:call'] });
    keyId = body.data.id;
    await put(id, {
      rules: [
        rule,
        { id: 'asked', effect: 'approve', tools: { names: ['pay'] }, approval: { by: 'user', validSeconds: 60 } },
        {
          id: 'large',
          effect: 'deny',
          tools: { names: ['pay'] },
          arguments: { required: ['number'], properties: { number: { minimum: 100 } } },
        },
        { id: 'night', effect: 'deny', callers: { kinds: ['token'] }, times: { from: '20:00', to: '06:00' } },
      ],
      limits: [
        { id: 'few', per: 'caller', calls: { max: 5, seconds: 60 }, tools: { names: ['find_*'] } },
        { id: 'others', per: 'server', concurrent: 1, callers: { kinds: ['anonymous'] } },
      ],
    });
  });
  const keyCaller = () => ({ key: keyId });

  test('names the rule that decides, and the limits that also apply', async () => {
    expect(await explain(id, { tool: 'close_case', caller: keyCaller() })).toEqual({
      decision: 'deny',
      by: 'policy',
      approval: null,
      listed: false,
      limits: [],
      rule: { id: 'no-closing', description: 'Cases stay open', serverId: id },
      reasons: [
        {
          check: 'policy',
          decision: 'deny',
          message: 'A rule denies the call',
          rule: { id: 'no-closing', description: 'Cases stay open', serverId: id },
        },
      ],
    });
    const allowed = await explain(id, { tool: 'find_case', caller: keyCaller() });
    expect(allowed).toMatchObject({ decision: 'allow', by: 'policy', rule: null, listed: true });
    expect(allowed.limits).toEqual([
      { id: 'few', per: 'caller', calls: { max: 5, seconds: 60 }, tools: { names: ['find_*'] }, serverId: id },
    ]);
  });

  test('says who is asked for an approval', async () => {
    const asked = await explain(id, { tool: 'pay', caller: keyCaller(), arguments: { number: 5 } });
    const expected = { decision: 'approve', by: 'policy', listed: true, approval: { by: 'user', validSeconds: 60 } };
    expect(asked).toMatchObject({ ...expected, rule: { id: 'asked' } });
  });

  test('takes arguments, time and caller into account, and lists what some arguments allow', async () => {
    const large = await explain(id, { tool: 'pay', caller: keyCaller(), arguments: { number: 100 } });
    expect(large).toMatchObject({ decision: 'deny', rule: { id: 'large' }, listed: true, approval: null });
    const wrong = await explain(id, { tool: 'pay', caller: keyCaller(), arguments: { number: 'five' } });
    expect(wrong).toMatchObject({ decision: 'deny', by: 'arguments', listed: true });
    const token = { groups: ['staff'], username: 'ann' };
    const at = (time: string) => explain(id, { tool: 'find_case', caller: token, at: `2026-03-02T${time}:00Z` });
    expect(await at('21:00')).toMatchObject({ decision: 'deny', rule: { id: 'night' }, listed: false });
    expect(await at('12:00')).toMatchObject({ decision: 'allow', listed: true });
  });

  test('begins with what edges look at first: the key, the user, the server, the tool', async () => {
    expect(await explain(id, { tool: 'find_case' })).toMatchObject({ decision: 'deny', by: 'server', listed: false });
    const unknown = await explain(id, { tool: 'find_cases', caller: keyCaller() });
    expect(unknown).toMatchObject({ decision: 'deny', by: 'tool', listed: false });
    expect(unknown.reasons[0].message).toContain('find_case');
    const { body } = await send('POST', '/api/v1/api-keys', { name: 'gone', permissions: ['servers:read'] });
    await send('DELETE', `/api/v1/api-keys/${body.data.id}`);
    const gone = await explain(id, { tool: 'close_case', caller: { key: body.data.id } });
    expect(gone).toMatchObject({ decision: 'deny', by: 'key', rule: null, listed: false });
    expect(gone.reasons.map(({ check, message }: Record<string, string>) => `${check}: ${message}`)).toEqual([
      'key: The key is revoked',
      'key: The key lacks the permission tools:call',
      'policy: A rule denies the call',
    ]);
    const { data: user } = (await send('POST', '/api/v1/external-users', { username: 'gone' })).body;
    await send('PUT', `/api/v1/external-users/${user.id}/toggle-active`);
    const inName = await explain(id, { tool: 'find_case', caller: { ...keyCaller(), username: 'gone' } });
    expect(inName).toMatchObject({ decision: 'deny', by: 'user', listed: false });
    await send('POST', `${servers}/${id}/stop`);
    expect((await explain(id, { tool: 'find_case', caller: keyCaller() })).by).toBe('server');
    await send('POST', `${servers}/${id}/start`);
  });

  test('knows which servers and tools a key is for, and which agent it belongs to', async () => {
    const agent = (await send('POST', '/api/v1/agents', { name: 'explained' })).body.data;
    const bounds = { allowedServers: [id], allowedTools: ['find_*'], agentId: agent.id, permissions: ['tools:call'] };
    const made = await send('POST', '/api/v1/api-keys', { name: 'bound', ...bounds });
    expect(made.status).toBe(201);
    const caller = { key: made.body.data.id };
    expect(await explain(id, { tool: 'find_case', caller })).toMatchObject({ decision: 'allow', listed: true });
    expect(await explain(id, { tool: 'pay', caller })).toMatchObject({ decision: 'deny', by: 'key', listed: false });
    const elsewhere = { tool: 'find_case', caller };
    expect(await explain('desk', elsewhere)).toMatchObject({ decision: 'deny', by: 'key', listed: false });
    await put('desk', { rules: [{ id: 'agents', effect: 'deny', callers: { agents: [agent.id] } }] });
    expect((await explain('desk', elsewhere)).reasons.at(-1)).toMatchObject({ rule: { id: 'agents' } });
    await send('DELETE', `${servers}/desk/policy`);
    expect((await explain(id, { tool: 'find_case', caller: { agent: agent.id } })).decision).toBe('allow');
    await send('PUT', `/api/v1/agents/${agent.id}/toggle-active`);
    for (const inactive of [caller, { agent: agent.id }, { agent: agent.id, kind: 'token' }]) {
      const explained = await explain(id, { tool: 'find_case', caller: inactive });
      expect(explained).toMatchObject({ decision: 'deny', by: 'key', listed: false });
      expect(explained.reasons[0].message).toMatch(/agent is not active$/);
    }
  });

  test('asks the policy of the server that a selected tool is from as well, under its name there', async () => {
    const selecting = await create('explained-elsewhere', {
      mode: 'NORMAL',
      selectedTools: ['explained.close_case', 'desk.close_case'],
    });
    const caller = keyCaller();
    expect(await explain(selecting, { tool: 'explained__close_case', caller })).toMatchObject({
      decision: 'deny',
      by: 'originPolicy',
      listed: false,
      rule: { id: 'no-closing', serverId: id },
      reasons: [
        { check: 'policy', decision: 'allow', message: 'The server has no policy', rule: null },
        { check: 'originPolicy', decision: 'deny' },
      ],
    });
    expect(await explain(selecting, { tool: 'desk__close_case', caller })).toMatchObject({ decision: 'allow' });
  });

  test('knows the tools of a server in mode SMART by their slugs', async () => {
    const smart = await create('explained-smart', { mode: 'SMART', isPublic: true });
    const caller = keyCaller();
    const found = await explain(smart, { tool: 'explained.close_case', caller });
    expect(found).toMatchObject({ decision: 'deny', by: 'originPolicy' });
    await put(smart, { unmatched: 'deny', rules: [{ id: 'desk', effect: 'allow', tools: { names: ['desk.*'] } }] });
    expect(await explain(smart, { tool: 'desk.find_case', caller })).toMatchObject({ rule: { id: 'desk' } });
    const other = await explain(smart, { tool: 'explained.find_case', caller });
    expect(other).toMatchObject({ decision: 'deny', by: 'policy', rule: null, listed: false });
    const message = 'No rule of the server matches, and it denies calls that no rule matches';
    expect(other.reasons).toContainEqual({ check: 'policy', decision: 'deny', message, rule: null });
    expect(await explain(smart, { tool: 'desk.find_case' })).toMatchObject({ decision: 'deny', by: 'server' });
  });

  test.each([
    ['kind', () => ({ kind: 'anonymous', username: 'ann' })],
    ['kind', () => ({ kind: 'token', key: keyId })],
    ['groups', () => ({ key: keyId, groups: ['staff'] })],
    ['claims', () => ({ kind: 'anonymous', claims: { team: 'red' } })],
  ])('is refused for an impossible caller, because of its %s: 400', async (member, caller) => {
    const call = { tool: 'find_case', caller: caller() };
    const { status, body } = await send('POST', `${servers}/${id}/policy/explain`, call);
    expect([status, body.error.details[0].path]).toEqual([400, `body.caller.${member}`]);
  });

  test('is refused for a prompt or a resource, which the policy may well allow: 400 (T57)', async () => {
    for (const tool of ['prompt:guide', 'resource:file:///guide']) {
      const { status, body } = await send('POST', `${servers}/${id}/policy/explain`, { tool, caller: {} });
      expect([status, body.error.details]).toEqual([
        400,
        [{ path: 'body.tool', message: expect.stringContaining('must be the name of a tool') }],
      ]);
    }
  });

  test('is refused for a key with an agent that it does not belong to: 400', async () => {
    const agent = (await send('POST', '/api/v1/agents', { name: 'another' })).body.data.id;
    const call = { tool: 'find_case', caller: { key: keyId, agent } };
    const { status, body } = await send('POST', `${servers}/${id}/policy/explain`, call);
    expect([status, body.error.details]).toEqual([
      400,
      [{ path: 'body.caller.agent', message: 'is not the agent of the key' }],
    ]);
  });

  test('assumes the defaults of the tool where no arguments are given, as edges do', async () => {
    const definition = flowerDocument()
      .replace('id: tickets', 'id: defaults')
      .replace('{ type: integer }', '{ type: integer, default: 500 }');
    const server = await create('explained-defaults', { mode: 'NORMAL' });
    expect((await send('POST', `${servers}/${server}/deploy`, { definition })).status).toBe(201);
    const large = { required: ['number'], properties: { number: { minimum: 100 } } };
    await put(server, { rules: [{ id: 'large', effect: 'deny', arguments: large }] });
    const explained = await explain(server, { tool: 'ticket_status', caller: keyCaller() });
    expect(explained).toMatchObject({ decision: 'deny', rule: { id: 'large' } });
  });

  test.each([
    ['key', '/api/v1/api-keys', 'is not an API key of this workspace'],
    ['agent', '/api/v1/agents', 'is not an agent of this workspace'],
  ])('is refused for the %s of somebody else like one that does not exist: 400', async (member, path, message) => {
    const made = await plane.send('POST', path, { name: 'foreign' });
    const answers = [made.body.data.id, 'A'.repeat(10)].map((caller) =>
      send('POST', `${servers}/${id}/policy/explain`, { tool: 'find_case', caller: { [member]: caller } }),
    );
    const [foreign, nobody] = await Promise.all(answers);
    expect([foreign?.status, foreign?.text]).toEqual([400, nobody?.text]);
    expect(foreign?.body.error.details).toEqual([{ path: `body.caller.${member}`, message }]);
  });
});
