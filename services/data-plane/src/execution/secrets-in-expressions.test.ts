import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startEcho } from '../../test/echo-api.ts';
import { planOf, templateOf } from '../../test/plan.ts';
import { internalErrors, runTool, secretOf } from '../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';

/*
 * Expressions see requests and responses in which the secrets of the run are already masked, so that no expression can
 * turn a secret into a text that the search does not find.
 */

const CANARY = 'sk canary/"0123456789"';
const secrets = { KEY: secretOf(CANARY) };
const ANY_HOST = { allowedHosts: ['127.0.0.1'] };
const base64 = (text: string) => Buffer.from(text).toString('base64');
const reverse = (text: string) => [...text].reverse().join('');

let api: Upstream;
beforeAll(async () => {
  api = await startEcho();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
afterEach(() => {
  api.seen.length = 0;
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

describe('an answer that echoes a secret is masked before an expression reads it (T52)', () => {
  const masked = 'Bearer [secret:KEY]';
  const elsewhere = () => `http://localhost:${api.port}/x`;

  test('in its body and its headers, whatever the expression makes of it', async () => {
    const plan = planOf([step('/x', { outputs: { own: 'reverse($response.body.authorization)' } })], {
      own: '$steps.s.outputs.own',
      body: 'reverse($steps.s.response.body.authorization)',
      header: 'reverse($steps.s.response.headers.x-echo)',
    });
    const reversed = reverse(masked);
    expect(await runTool(plan, { secrets })).toMatchObject({
      value: { own: reversed, body: reversed, header: reverse('Bearer%20[secret:KEY]') },
    });
  });

  test('although HTTP took the spaces around it away', async () => {
    const plan = planOf([step('/x', { headers: { Authorization: '$secrets.KEY' } })], {
      body: '$steps.s.response.body.authorization',
    });
    expect(await runTool(plan, { secrets: { KEY: secretOf('padded-secret-1 ') } })).toMatchObject({
      value: { body: '[secret:KEY]' },
    });
  });

  test('in every page, while its link brings the secret that the next request needs', async () => {
    await using pages = await startUpstream((request, response) => {
      const { url = '' } = request;
      const link = `<${url}&page=2>; rel="next"`;
      json({ items: [url] }, 200, url.includes('page') ? {} : { link })(request, response);
    });
    const items = templateOf('reverse($response.body.items)');
    const pagination = { type: 'link' as const, parameter: 'key', items, pagesMax: 10 };
    const plan = planOf([{ id: 's', url: pages.url, query: { key: '$secrets.KEY' }, secrets: ['KEY'] }], {
      all: '$steps.s.response.body',
      url: '$steps.s.request.url',
    });
    for (const one of plan.steps) Object.assign(one, { pagination });
    const outcome = await runTool(plan, { secrets });
    expect(pages.seen.map(({ url }) => new URL(url, 'http://x').searchParams.get('key'))).toEqual([CANARY, CANARY]);
    expect(outcome).toMatchObject({
      value: { all: { items: ['/?key=[secret:KEY]', '/?page=2&key=[secret:KEY]'], has_more: false } },
    });
  });

  test('in every page, while the next request carries the cursor as it came', async () => {
    const cursor = base64(`after ${CANARY}`);
    await using pages = await startUpstream((request, response) => {
      const isFirst = !request.url?.includes('after');
      json({ items: [request.url], next: isFirst ? cursor : null })(request, response);
    });
    const [items, nextCursor] = [templateOf('$response.body.items'), templateOf('$response.body.next')];
    const pagination = { type: 'cursor' as const, parameter: 'after', items, nextCursor, pagesMax: 10 };
    const plan = planOf([{ id: 's', url: pages.url, headers: { 'x-key': '$secrets.KEY' }, secrets: ['KEY'] }], {
      all: '$steps.s.response.body',
    });
    for (const one of plan.steps) Object.assign(one, { pagination });
    const outcome = await runTool(plan, { secrets });
    expect(pages.seen.map(({ url }) => new URL(url, 'http://x').searchParams.get('after'))).toEqual([null, cursor]);
    expect(JSON.stringify(outcome)).not.toContain(cursor);
    expect(outcome).toMatchObject({ value: { all: { items: ['/', expect.any(String)], has_more: false } } });
  });

  test("but not the caller's configuration, which conditions may compare with", async () => {
    const decided = { actions: [{ do: 'next' as const, when: '$response.body.url == "/eu-central-1"' }] };
    const plan = planOf([step('/$config.region', { headers: {}, secrets: [], ...decided })], {
      url: '$steps.s.response.body.url',
    });
    const caller = { config: { region: 'eu-central-1' }, sessionOwner: 'somebody' };
    expect(await runTool(plan, { caller })).toMatchObject({ ok: true, value: { url: '/[secret:config.region]' } });
  });

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
  ])('so that a later step sends only the mask in its %s', async (_name, request) => {
    const plan = planOf([
      step('/x', { outputs: { base64: '$response.body.base64' } }),
      { id: 'b', url: elsewhere(), ...request },
    ]);
    expect(await runTool(plan, { secrets })).toMatchObject({ ok: true });
    const { url, headers, body } = api.seen[1] ?? {};
    const sent = decodeURIComponent(`${url} ${headers?.['x']} ${body}`);
    expect(sent).toContain('[secret:KEY]');
    for (const form of [CANARY, JSON.stringify(CANARY), base64(CANARY), base64(`Bearer ${CANARY}`)]) {
      expect(sent).not.toContain(form);
    }
  });

  test('even if the secret has been rotated since', async () => {
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
    expect(await runTool(plan, { secrets: rotated })).toMatchObject({ ok: true });
    expect(api.seen[2]?.headers['x']).toBe(masked);
  });

  test('as of the request of another step', async () => {
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
});

describe('the request that expressions see is masked by its slots, not by a search (T49)', () => {
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
    expect(inspect(outcome, { depth: 20 })).not.toContain('canary');
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

  test('however short the secret is', async () => {
    const parts = { query: { key: '$secrets.KEY' }, headers: { 'X-Key': 'a $secrets.KEY' }, body: ['$secrets.KEY'] };
    const plan = planOf([step('/$secrets.KEY', { method: 'POST', ...parts })], { request: '$steps.s.request' });
    const outcome = await runTool(plan, { secrets: { KEY: secretOf('k') } });
    expect(api.seen[0]).toMatchObject({ url: '/k?key=k', body: '["k"]' });
    expect(outcome).toMatchObject({
      value: {
        request: {
          url: `${api.url}/%5Bsecret%3AKEY%5D?key=%5Bsecret%3AKEY%5D`,
          query: { key: '[secret:KEY]' },
          headers: { 'x-key': 'a [secret:KEY]' },
          body: ['[secret:KEY]'],
        },
      },
    });
  });

  test('even where a mask cannot stand: as a port', async () => {
    const url = 'http://127.0.0.1:$secrets.PORT/x';
    const plan = planOf([step('', { url, headers: {}, secrets: ['PORT'] })], { url: '$steps.s.request.url' }, ANY_HOST);
    const outcome = await runTool(plan, { secrets: { PORT: secretOf(String(api.port)) } });
    expect(api.seen).toHaveLength(1);
    expect(outcome).toMatchObject({ ok: true, value: { url: 'https://masked.invalid/' } });
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
