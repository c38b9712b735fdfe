import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { AppError, type Outcome } from '@toolplane/contracts';
import { planOf } from '../../test/plan.ts';
import { expired, internalErrors, runTool, secretOf } from '../../test/run-tool.ts';
import { startUpstream, type Upstream } from '../../test/upstream.ts';

const CANARY = 'sk canary/"0123456789"';
const secrets = { KEY: secretOf(CANARY) };

/** Answers with what it was sent, in the forms an upstream may use. */
let api: Upstream;
beforeAll(async () => {
  api = await startUpstream((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://x');
    const { authorization = '' } = request.headers;
    response.statusCode = Number(pathname.slice(1)) || 200;
    response.setHeader('content-type', 'application/json');
    response.setHeader('x-echo', encodeURIComponent(authorization));
    response.end(
      JSON.stringify({
        authorization,
        url: request.url,
        base64: Buffer.from(authorization).toString('base64'),
        hex: Buffer.from(authorization).toString('hex'),
        json: JSON.stringify({ authorization }),
        [authorization]: 'as a key',
      }),
    );
  });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
afterEach(() => {
  api.seen.length = 0;
  expired.length = 0;
  expect(internalErrors).toEqual([]);
});

function step(path: string, rest: object = {}) {
  return {
    id: 's',
    url: `${api.url}${path}`,
    headers: { Authorization: 'Bearer $secrets.KEY' },
    secrets: ['KEY'],
    ...rest,
  };
}

function expectNoCanary(outcome: Outcome): void {
  const text = inspect(outcome, { depth: 20 }) + JSON.stringify(outcome);
  for (const form of [CANARY, encodeURIComponent(CANARY), Buffer.from(CANARY).toString('hex'), 'canary']) {
    expect(text).not.toContain(form);
  }
}

describe('a secret', () => {
  test('reaches the upstream and does not come back, whatever the upstream echoes (T6, T10)', async () => {
    const plan = planOf(
      [
        step('/x', {
          query: { key: '$secrets.KEY' },
          outputs: { all: '$response.body', headers: '$response.headers' },
        }),
      ],
      {
        all: '$steps.s.outputs.all',
        headers: '$steps.s.outputs.headers',
        url: '$steps.s.request.url',
        text: 'said: $steps.s.response.body.authorization',
      },
    );
    const outcome = await runTool(plan, { secrets });
    expect(api.seen[0]?.headers.authorization).toBe(`Bearer ${CANARY}`);
    expect(outcome).toMatchObject({ ok: true, value: { text: 'said: Bearer [secret:KEY]' } });
    expectNoCanary(outcome);
  });

  test('is not in any error of an upstream that failed (B111)', async () => {
    const plan = planOf([step('/500', { actions: [{ do: 'next', when: '$statusCode == 200' }] })]);
    const outcome = await runTool(plan, { secrets });
    expect(outcome).toMatchObject({ error: { code: 'no_action_matched', status: 500 } });
    expectNoCanary(outcome);
  });

  test('that a header cannot contain is refused without being quoted (B123)', async () => {
    const outcome = await runTool(planOf([step('/x')]), { secrets: { KEY: secretOf('line one\nline two') } });
    expect(outcome).toMatchObject({ outcome: 'not_started', error: { code: 'invalid_upstream_request' } });
    expect(JSON.stringify(outcome)).not.toContain('line two');
    expect(api.seen).toEqual([]);
  });

  test('is visible only to requests, even if a plan asks for it elsewhere', async () => {
    const plan = planOf([step('/x', { outputs: { key: '$secrets.KEY' } })], {
      key: '$secrets.KEY',
      out: '$steps.s.outputs.key',
    });
    expect(await runTool(plan, { secrets })).toEqual({ ok: true, outcome: 'done', value: { key: null, out: null } });
  });

  test('under 8 characters is used but not redacted', async () => {
    const plan = planOf([step('/x')], { said: '$steps.s.response.body.authorization' });
    const outcome = await runTool(plan, { secrets: { KEY: secretOf('short') } });
    expect(outcome).toMatchObject({ value: { said: 'Bearer short' } });
  });

  test('that an upstream refuses is read again before its next use', async () => {
    await runTool(planOf([step('/401')]), { secrets });
    await runTool(planOf([step('/403')]), { secrets });
    await runTool(planOf([step('/404')]), { secrets });
    expect(expired).toEqual(['KEY', 'KEY']);
    expect(api.seen).toHaveLength(3);
  });
});

describe('a secret goes only to the hosts that were sealed with it (T5)', () => {
  test.each([
    ['another host', ['api.example.com']],
    ['another port', ['127.0.0.1:1']],
    ['only subdomains', ['*.example.com']],
    ['no host', []],
  ])('%s: refused before a socket is opened', async (_name, hosts) => {
    const outcome = await runTool(planOf([step('/x')]), { secrets: { KEY: { ...secretOf(CANARY), hosts } } });
    expect(outcome).toEqual({
      ok: false,
      outcome: 'not_started',
      error: {
        code: 'secret_host_denied',
        message: 'The secret KEY may not be sent to the host of this request',
        stepId: 's',
      },
    });
    expect(api.seen).toEqual([]);
  });

  test('every secret of a request is checked, not just one', async () => {
    const both = { KEY: secretOf(CANARY), OTHER: secretOf('other-value', 'api.example.com') };
    const headers = { a: '$secrets.KEY', b: '$secrets.OTHER' };
    const outcome = await runTool(planOf([step('/x', { headers, secrets: ['KEY', 'OTHER'] })]), { secrets: both });
    expect(outcome).toMatchObject({ error: { code: 'secret_host_denied' } });
    expect(api.seen).toEqual([]);
  });

  test('a host from an argument is no way around', async () => {
    const plan = planOf([step('', { url: '$inputs.url' })], {}, { allowedHosts: ['localhost'] });
    const outcome = await runTool(plan, { secrets, inputs: { url: `http://localhost:${api.port}/x` } });
    expect(outcome).toMatchObject({ error: { code: 'secret_host_denied' } });
    expect(api.seen).toEqual([]);
  });

  test.each([[['127.0.0.1']], [['api.example.com', '127.0.0.1']]])('sent to a listed host: %j', async (hosts) => {
    await runTool(planOf([step('/x')]), { secrets: { KEY: secretOf(CANARY, ...hosts) } });
    expect(api.seen).toHaveLength(1);
  });

  test('sent to a listed port', async () => {
    await runTool(planOf([step('/x')]), { secrets: { KEY: secretOf(CANARY, `127.0.0.1:${api.port}`) } });
    expect(api.seen).toHaveLength(1);
  });

  test.each(['example.com', 'notexample.com'])(
    'not sent to %s when it is for subdomains of example.com',
    async (host) => {
      const plan = planOf([step('', { url: `http://${host}:${api.port}/x` })]);
      const outcome = await runTool(plan, { secrets: { KEY: secretOf(CANARY, '*.example.com') } });
      expect(outcome).toMatchObject({ outcome: 'not_started', error: { code: 'secret_host_denied' } });
      expect(api.seen).toEqual([]);
    },
  );

  test('sent to subdomains of a host with a wildcard', async () => {
    const plan = planOf([step('', { url: `http://a.b.example.com:${api.port}/x` })]);
    await runTool(plan, { secrets: { KEY: secretOf(CANARY, '*.example.com') } });
    expect(api.seen).toHaveLength(1);
  });
});

describe('a later step sends no secret to another host', () => {
  const elsewhere = () => `http://localhost:${api.port}/x`;

  test.each([
    ['header', { headers: { x: '$steps.s.response.body.authorization' } }],
    ['query', { query: { x: 'got $steps.s.response.body.authorization' } }],
    ['body', { method: 'POST' as const, body: { x: ['$steps.s.response.body'] } }],
    ['text body', { method: 'POST' as const, body: '$steps.s.response.body.json' }],
    [
      'form',
      {
        method: 'POST' as const,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: { x: '$steps.s.response.headers.x-echo' },
      },
    ],
    ['output', { query: { x: '$steps.s.outputs.base64' } }],
  ])('that an answer echoed, in its %s', async (_name, request) => {
    const plan = planOf([
      step('/x', { outputs: { base64: '$response.body.base64' } }),
      { id: 'b', url: elsewhere(), ...request },
    ]);
    expect(await runTool(plan, { secrets })).toMatchObject({
      outcome: 'done',
      error: {
        code: 'secret_host_denied',
        message: 'The secret KEY may not be sent to the host of this request',
        stepId: 'b',
      },
    });
    expect(api.seen).toHaveLength(1);
  });

  test('that has been rotated since', async () => {
    let value = CANARY;
    const rotated = {
      get KEY() {
        const secret = secretOf(value);
        value = 'another value';
        return secret;
      },
    };
    const plan = planOf([
      step('/x', { outputs: { said: '$response.body.authorization' } }),
      step('/y', { id: 'again' }),
      { id: 'b', url: elsewhere(), headers: { x: '$steps.s.outputs.said' } },
    ]);
    expect(await runTool(plan, { secrets: rotated })).toMatchObject({ error: { code: 'secret_host_denied' } });
    expect(api.seen).toHaveLength(2);
  });

  test('from the request of another step', async () => {
    const plan = planOf([
      step('/x'),
      {
        id: 'b',
        url: elsewhere(),
        headers: { a: '$steps.s.request.headers.authorization', b: '$request.headers.authorization' },
      },
    ]);
    await runTool(plan, { secrets });
    expect(api.seen[1]?.headers).toMatchObject({ a: 'Bearer [secret:KEY]' });
    expect(api.seen[1]?.headers).not.toHaveProperty('b');
  });

  test('but may send it to its own host, and other values to any host', async () => {
    const plan = planOf([
      step('/x'),
      { id: 'b', url: `${api.url}/y`, headers: { x: '$steps.s.response.body.authorization' } },
      { id: 'c', url: elsewhere(), headers: { x: '$steps.s.response.body.url' } },
    ]);
    expect(await runTool(plan, { secrets })).toMatchObject({ ok: true });
    expect(api.seen.map(({ headers }) => headers['x'])).toEqual([undefined, `Bearer ${CANARY}`, '/x']);
  });
});

describe('the request that expressions see is masked', () => {
  test('whatever an expression makes of it', async () => {
    const plan = planOf(
      [step('/x', { query: { key: '$secrets.KEY' }, outputs: { own: 'reverse($request.query.key)' } })],
      {
        reversed: 'reverse($steps.s.request.query.key)',
        own: '$steps.s.outputs.own',
        url: '$steps.s.request.url',
      },
    );
    const masked = ']YEK:terces[';
    expect(await runTool(plan, { secrets })).toMatchObject({
      value: { reversed: masked, own: masked, url: `${api.url}/x?key=%5Bsecret%3AKEY%5D` },
    });
  });

  test("however the URL writes the secret: it has ' and !()", async () => {
    const plan = planOf([step('/x', { query: { key: '$secrets.KEY' }, headers: {} })], {
      url: '$steps.s.request.url',
      echo: '$steps.s.response.body.url',
    });
    const outcome = await runTool(plan, { secrets: { KEY: secretOf("it's (canary)!") } });
    expect(outcome).toMatchObject({ value: { echo: '/x?key=[secret:KEY]' } });
    expectNoCanary(outcome);
  });

  test('even if the secret is the whole URL', async () => {
    const plan = planOf(
      [step('', { url: '$secrets.HOOK', headers: {}, secrets: ['HOOK'] })],
      {
        url: '$steps.s.request.url',
      },
      { allowedHosts: ['hooks.example.com'] },
    );
    const hook = `HTTP://Hooks.Example.COM:${api.port}/canary/`;
    const outcome = await runTool(plan, { secrets: { HOOK: secretOf(hook, 'hooks.example.com') } });
    expect(api.seen).toHaveLength(1);
    expect(outcome).toMatchObject({ value: { url: '[secret:HOOK]' } });
  });
});

describe('without the secret nothing is sent', () => {
  test('secret not set: the error names it', async () => {
    expect(await runTool(planOf([step('/x')]))).toMatchObject({
      outcome: 'not_started',
      error: { code: 'secret_missing', message: 'The secret KEY is not set', stepId: 's' },
    });
    expect(api.seen).toEqual([]);
  });

  test('store unavailable: not_started', async () => {
    const away = { KEY: new AppError('secret_unavailable', 'The secret KEY cannot be read at the moment') };
    expect(await runTool(planOf([step('/x')]), { secrets: away })).toMatchObject({
      outcome: 'not_started',
      error: { code: 'secret_unavailable' },
    });
    expect(api.seen).toEqual([]);
  });
});

describe('what the caller sends along for upstreams is treated like a secret', () => {
  const caller = { token: 'eyJ.canary.token', config: { org_id: 'canary-org-1', plan: 'pro' } };
  const headers = { Authorization: 'Bearer $current_user.token', 'X-Org': '$config.Org-Id', 'X-Plan': '$config.plan' };

  test('it is used in requests and removed from outputs', async () => {
    const plan = planOf([step('/x', { headers, secrets: [] })], {
      said: '$steps.s.response.body.authorization',
      token: '$current_user.token',
      org: '$config.org_id',
      plan: '$config.plan',
      none: '$config.none',
    });
    const outcome = await runTool(plan, { caller });
    expect(api.seen[0]?.headers).toMatchObject({ authorization: `Bearer ${caller.token}`, 'x-org': 'canary-org-1' });
    expect(outcome).toMatchObject({
      value: {
        said: 'Bearer [secret:current_user.token]',
        token: '[secret:current_user.token]',
        org: '[secret:config.org_id]',
        plan: 'pro',
        none: '',
      },
    });
    expectNoCanary(outcome);
  });
});

test('a password that the upstream returns without its user name is masked', async () => {
  await using echo = await startUpstream((request, response) => {
    const [, credentials = ''] = (request.headers.authorization ?? '').split(' ');
    const [, password = ''] = Buffer.from(credentials, 'base64').toString().split(':');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ password, length: password.length }));
  });
  const plan = planOf([{ id: 's', url: echo.url, secrets: ['KEY'] }], { all: '$steps.s.response.body' });
  const [step] = plan.steps;
  const basic = {
    kind: 'base64' as const,
    prefix: 'Basic ',
    of: { kind: 'reference' as const, path: ['secrets', 'KEY'] },
  };
  step?.request?.headers.push(['authorization', basic]);
  const outcome = await runTool(plan, { secrets: { KEY: secretOf('jack:canary-password') } });
  expect(outcome).toEqual({ ok: true, outcome: 'done', value: { all: { password: '[secret:KEY]', length: 15 } } });
});

test('base64 of a secret is masked to its last character', async () => {
  const basic = Buffer.from('jack:pa ss&"w').toString('base64');
  await using echo = await startUpstream((_request, response) => response.end(`{"echo":"Basic ${basic}"}`));
  const plan = planOf([{ id: 's', url: echo.url, headers: { 'x-key': 'a$secrets.KEY' }, secrets: ['KEY'] }], {
    all: '$steps.s.response.body.echo',
  });
  const outcome = await runTool(plan, { secrets: { KEY: secretOf('jack:pa ss&"w') } });
  expect(outcome).toEqual({ ok: true, outcome: 'done', value: { all: 'Basic [secret:KEY]' } });
});
