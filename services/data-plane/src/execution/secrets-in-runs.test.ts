import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { AppError, type Outcome } from '@toolplane/contracts';
import { startEcho } from '../../test/echo-api.ts';
import { planOf } from '../../test/plan.ts';
import { expired, internalErrors, runTool, secretOf } from '../../test/run-tool.ts';
import type { Upstream } from '../../test/upstream.ts';

const CANARY = 'sk canary/"0123456789"';
const secrets = { KEY: secretOf(CANARY) };

let api: Upstream;
beforeAll(async () => {
  api = await startEcho();
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
