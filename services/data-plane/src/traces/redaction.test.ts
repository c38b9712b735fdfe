import { describe, expect, test } from '@jest/globals';
import type { Json, StepRun } from '@toolplane/contracts';
import { planOf } from '../../test/plan.ts';
import { secretOf } from '../../test/run-tool.ts';
import { useScriptedApi } from '../../test/scripted-api.ts';
import { traceTool } from '../../test/trace-tool.ts';
import { json } from '../../test/upstream.ts';

/*
 * Tests what a debugger sees: no secret, in any form in which an upstream may return it; no value with the name of a
 * credential; no input that is a password; only a part of a large body, and only the size of a binary one.
 */

const CANARY = 'canary+/sécret="9f3b7c1d';
const secrets = { KEY: secretOf(CANARY) };
const base64 = (text: string) => Buffer.from(text).toString('base64');
const escaped = (text: string) => JSON.stringify(text).slice(1, -1);

/** The fifteen forms of T10; the last two are split up, and cannot be found. */
const forms: [string, string, boolean][] = [
  ['raw', CANARY, true],
  ['percent-encoded', encodeURIComponent(CANARY), true],
  ['percent-encoded in lower case', encodeURIComponent(CANARY).replaceAll(/%../g, (it) => it.toLowerCase()), true],
  ['of a form', new URLSearchParams({ a: CANARY }).toString().slice(2), true],
  ['in JSON', escaped(CANARY), true],
  ['in JSON in JSON', escaped(escaped(CANARY)), true],
  ['in JSON with escapes', escaped(CANARY).replaceAll('é', '\\u00e9'), true],
  ['in HTML', CANARY.replaceAll('"', '&quot;'), true],
  ['in hex', Buffer.from(CANARY).toString('hex'), true],
  ['in base64', base64(CANARY), true],
  ['in base64 one further', base64(`x${CANARY}`), true],
  ['in base64 two further', base64(`xy${CANARY}`), true],
  ['as Basic', `Basic ${base64(`user:${CANARY}`)}`, true],
  ['with spaces between', [...CANARY].join(' '), false],
  ['backwards', [...CANARY].reverse().join(''), false],
];

const api = useScriptedApi();

async function seen(plan: Parameters<typeof traceTool>[0], rest: Parameters<typeof traceTool>[1] = {}) {
  const { events, tree } = await traceTool(plan, { secrets, ...rest });
  return { text: JSON.stringify([events, tree]), step: tree.children[0] as StepRun, tree };
}

function stepThatSends(path: string, rest: object = {}) {
  const url = api.at(path);
  return {
    id: 's',
    method: 'POST' as const,
    url,
    headers: { Authorization: 'Bearer $secrets.KEY' },
    secrets: ['KEY'],
    ...rest,
  };
}

describe('a secret that comes back (T10)', () => {
  test.each(forms)('%s', async (_name, form, isFound) => {
    for (const answer of [json({ said: form, [form]: 1 }), text(`said ${form} twice ${form}`)]) {
      api.answers['/x'] = [answer];
      const shown = await seen(
        planOf([stepThatSends('/x', { outputs: { all: '$response.body' } })], { all: '$steps.s.outputs.all' }),
      );
      const written = [form, escaped(form)];
      expect(written.some((it) => shown.text.includes(it))).toBe(!isFound);
    }
  });
});

test('a request reveals no secret: not in the URL, the query, a header, the body, or an error', async () => {
  const plan = planOf([
    stepThatSends('/$secrets.KEY', {
      query: { q: '$secrets.KEY' },
      headers: { Authorization: 'Bearer $secrets.KEY', 'X-Own': '$secrets.KEY', 'User-Agent': '$secrets.KEY' },
      body: { a: '$secrets.KEY', b: ['x$secrets.KEY'] },
    }),
  ]);
  const { text: all, step } = await seen(plan, { secrets: { KEY: secretOf('canary-0123456789') } });
  expect(all).not.toContain('canary');
  expect(step.request?.body).toEqual({ a: '[secret:KEY]', b: ['x[secret:KEY]'] });
  expect(Object.keys(step.request?.headers ?? {})).toEqual(['user-agent', 'content-type']);
});

test('a request reveals no secret that is too short to be searched for (T49)', async () => {
  const parts = { query: { q: '$secrets.KEY' }, headers: { 'User-Agent': 'by $secrets.KEY' } };
  const plan = planOf([stepThatSends('/$secrets.KEY', { ...parts, body: { a: 'x$secrets.KEY' } })]);
  const { step } = await seen(plan, { secrets: { KEY: secretOf('Zq') } });
  expect(JSON.stringify(step.request)).not.toContain('Zq');
  expect(step.request?.body).toEqual({ a: 'x[secret:KEY]' });
});

test('a secret that a run gets only after an answer contained it is not in the tree of the whole run', async () => {
  api.answers['/first'] = [json({ early: CANARY })];
  const plan = planOf([{ id: 'first', url: api.at('/first') }, stepThatSends('/second')]);
  const { tree } = await traceTool(plan, { secrets });
  expect(JSON.stringify(tree)).not.toContain('9f3b7c1d');
});

describe('masked by its name:', () => {
  const named: [string, Json, Json][] = [
    ['a token in an answer', { access_token: 'abc', expires_in: 3 }, { access_token: '[masked]', expires_in: 3 }],
    ['a nested password', { user: { newPassword: 'p', name: 'n' } }, { user: { newPassword: '[masked]', name: 'n' } }],
    ['a secret that is not text', { clientSecret: { a: 1 }, pin: 1234 }, { clientSecret: '[masked]', pin: '[masked]' }],
    [
      'not whether there is one',
      { token: null, secret: '', has_password: true },
      { token: null, secret: '', has_password: true },
    ],
    ['a pair in a text', { text: 'see /x?api_key=abc&a=1' }, { text: 'see /x?api_key=[masked]&a=1' }],
    ['JSON in a text', { text: '{"password": "a\\"b", "a": "b"}' }, { text: '{"password": "[masked]", "a": "b"}' }],
    ['a number in JSON in a text', { text: '{"pin": -12.5e3, "a": 1}' }, { text: '{"pin": "[masked]", "a": 1}' }],
    [
      'an element of XML',
      { text: '<a><Password x="1">abc</Password></a>' },
      { text: '<a><Password x="1">[masked]</Password></a>' },
    ],
    [
      'not a page token',
      { next_page_token: 'abc', token_type: 'Bearer' },
      { next_page_token: 'abc', token_type: 'Bearer' },
    ],
  ];
  test.each(named)('%s', async (_name, body, shown) => {
    api.answers['/x'] = [json(body)];
    const { step } = await seen(planOf([{ id: 's', url: api.at('/x') }]));
    expect(step.response?.body).toEqual(shown);
  });

  test('a part of a multipart form', async () => {
    const body = { user: 'ann', password: 'a\r\n--canary', api_key: 'canary', note: 'see password' };
    const plan = planOf([{ id: 's', method: 'POST', url: api.at('/x'), body }]);
    for (const { request } of plan.steps) if (request !== undefined) request.bodyType = 'multipart';
    const { text: all, step } = await seen(plan);
    expect(all).not.toContain('canary');
    const partOf = (name: string, content: string) => `name="${name}"\r\n\r\n${content}\r\n--`;
    for (const [name, content] of Object.entries({ ...body, password: '[masked]', api_key: '[masked]' })) {
      expect(step.request?.body).toContain(partOf(name, content));
    }
  });

  test('a parameter of a URL, a field of a form, a header that is a link', async () => {
    api.answers['/x?key=abc&sig=def&q=1'] = [
      (_request, response) => {
        response.setHeader('location', 'https://a.example/?token=canary');
        response.setHeader('set-cookie', 'session=canary');
        response.setHeader('www-authenticate', 'canary');
        response.end('');
      },
    ];
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', Cookie2: 'canary' };
    const plan = planOf([
      {
        id: 's',
        method: 'POST' as const,
        url: api.at('/x?key=abc&sig=def&q=1'),
        headers,
        body: { password: 'canary', a: 'b' },
      },
    ]);
    const { text: all, step } = await seen(plan);
    expect(all).not.toMatch(/canary|abc|def/);
    expect(step.request).toMatchObject({
      query: { key: '[masked]', sig: '[masked]', q: '1' },
      body: 'password=[masked]&a=b',
    });
    expect(step.response?.headers).toMatchObject({ location: 'https://a.example/?token=[masked]' });
  });
});

describe('an input that is a password', () => {
  const plan = () =>
    planOf([
      { id: 's', method: 'POST', url: api.at('/echo'), body: { said: 'my $inputs.word', list: '$inputs.list' } },
    ]);

  test('is not shown anywhere, even where it was sent or came back', async () => {
    api.answers['/echo'] = [json({ said: 'canary-of-person' })];
    const inputs = { word: 'canary-of-person', list: [{ code: 'canary-in-list' }], other: 1 };
    const { text: all, tree } = await seen(plan(), { inputs, hiddenInputs: ['/word', '/list/*/code', '/absent'] });
    expect(all).not.toContain('canary');
    expect(tree.inputs).toEqual({ word: '[masked]', list: [{ code: '[masked]' }], other: 1 });
  });
});

describe('the trace shows of a body', () => {
  const bodyOf = async (answer: Parameters<typeof text>[0] | Buffer, type = 'text/plain') => {
    api.answers['/x'] = [
      (_request, response) => {
        response.setHeader('content-type', type);
        response.end(answer);
      },
    ];
    const { events } = await traceTool(planOf([{ id: 's', url: api.at('/x') }]));
    const exchange = events.find((event) => event.kind === 'exchange');
    return exchange?.response?.body;
  };

  test('16 KiB and that it was longer; a secret at the cut is not shown in part', async () => {
    const body = await bodyOf('x'.repeat(20_000));
    expect(body).toEqual({ value: 'x'.repeat(16 * 1024), bytes: 20_000, is_cut: true });
    api.answers['/cut'] = [text('x'.repeat(16 * 1024 - 10) + CANARY)];
    expect((await seen(planOf([stepThatSends('/cut')]))).text).not.toContain('canary');
  });

  test('only its size, if it is over 1 MiB, binary or nested too deeply', async () => {
    expect(await bodyOf('x'.repeat(1024 * 1024 + 1))).toEqual({ bytes: 1024 * 1024 + 1, is_cut: true });
    expect(await bodyOf(Buffer.from([1, 2, 0, 255]), 'image/png')).toEqual({ bytes: 4, is_binary: true });
    expect(await bodyOf(Buffer.from([0xff, 0xfe, 1]), '')).toEqual({ bytes: 3, is_binary: true });
  });

  test('its text, if it is large JSON, masked before it is truncated', async () => {
    const body = await bodyOf(JSON.stringify({ token: 'canary', text: 'é'.repeat(20_000) }), 'application/json');
    expect(body?.value).toMatch(/^\{"token":"\[masked\]","text":"é+$/);
    expect(Buffer.byteLength(body?.value as string)).toBeLessThanOrEqual(16 * 1024);
  });
});

function text(body: string) {
  return (_request: unknown, response: { end(body: string): void; setHeader(name: string, value: string): void }) => {
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.end(body);
  };
}
