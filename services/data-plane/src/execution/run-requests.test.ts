import type { ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import { planOf } from '../../test/plan.ts';
import { runTool } from '../../test/run-tool.ts';
import { useScriptedApi } from '../../test/scripted-api.ts';
import { json } from '../../test/upstream.ts';

const api = useScriptedApi();

const done = (value: Json) => ({ ok: true, outcome: 'done', value });

describe('requests', () => {
  test('query: lists repeat the key, objects are JSON, missing values are left out, no value adds a parameter', async () => {
    const plan = planOf([
      {
        url: `${api.url}/x?fixed=1`,
        query: { q: '$inputs.q', list: '$inputs.list', object: '$inputs.object', gone: '$inputs.gone', 'a&b': 'é' },
      },
    ]);
    await runTool(plan, { inputs: { q: 'a&admin=1#b \ud800', list: [1, 'two'], object: { a: 1 } } });
    expect(api.paths()).toEqual([
      '/x?fixed=1&q=a%26admin%3D1%23b%20%EF%BF%BD&list=1&list=two&object=%7B%22a%22%3A1%7D&a%26b=%C3%A9',
    ]);
  });

  test('a JSON body is built as a value: no argument breaks out of it (B072)', async () => {
    const plan = planOf([
      {
        url: `${api.url}/x`,
        method: 'POST',
        body: { name: '$inputs.name', text: '<$inputs.name>', none: '$inputs.none' },
      },
    ]);
    const name = '","role":"admin';
    await runTool(plan, { inputs: { name } });
    expect(JSON.parse(api.seen[0]?.body ?? '')).toEqual({ name, text: `<${name}>`, none: null });
    expect(api.seen[0]?.headers['content-type']).toBe('application/json');
  });

  test.each([
    ['a string is sent unchanged', 'plain <$inputs.a>', 'plain <1>', undefined],
    ['a list', ['$inputs.a'], '[1]', 'application/json'],
    ['a number', '$inputs.a', '1', 'application/json'],
    ['nothing', '$inputs.gone', '', undefined],
  ])('body: %s', async (_name, body, sent, contentType) => {
    await runTool(planOf([{ url: `${api.url}/x`, method: 'POST', body }]), { inputs: { a: 1 } });
    expect(api.seen[0]?.body).toBe(sent);
    expect(api.seen[0]?.headers['content-type']).toBe(contentType);
  });

  test('a form is encoded, whatever its values contain (B073)', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const body = { a: '$inputs.a', list: '$inputs.list' };
    await runTool(planOf([{ url: `${api.url}/x`, method: 'POST', headers, body }]), {
      inputs: { a: '1&b=2\r\n', list: ['x', 'y'] },
    });
    expect(api.seen[0]?.body).toBe('a=1%26b%3D2%0D%0A&list=x&list=y');
  });

  test('a header without a value is left out; one with a line break is refused', async () => {
    const plan = planOf([{ url: `${api.url}/x`, headers: { 'X-A': '$inputs.a', 'X-B': '$inputs.b' } }]);
    await runTool(plan, { inputs: { a: 'yes' } });
    expect(api.seen[0]?.headers).toMatchObject({ 'x-a': 'yes' });
    expect(api.seen[0]?.headers).not.toHaveProperty('x-b');
    expect(await runTool(plan, { inputs: { a: 'x\r\ny: z' } })).toMatchObject({
      outcome: 'not_started',
      error: {
        code: 'invalid_upstream_request',
        message: 'The value of the header x-a has characters that are not allowed',
      },
    });
  });

  test.each(['..', '.', '', 'a\nb', '\ud800'])(
    'a path value that changes the path is refused: %j (T12)',
    async (id) => {
      const plan = planOf([{ url: `${api.url}/users/$inputs.id/orders` }]);
      expect(await runTool(plan, { inputs: { id } })).toMatchObject({
        outcome: 'not_started',
        error: { code: 'invalid_upstream_request' },
      });
      expect(api.seen).toEqual([]);
    },
  );

  test.each(['{api_key}', '$secrets.KEY', '$response.body', '${7*7}', '{{7*7}}', "$& $' $$"])(
    'an argument is never read as an expression: %s (T13)',
    async (value) => {
      api.answers = { '/echo': [(request, response) => response.end(JSON.stringify(request.url))] };
      const plan = planOf(
        [{ id: 's', url: `${api.url}/echo`, method: 'POST', query: { q: '<$inputs.v>' }, body: { v: '$inputs.v' } }],
        { v: '$inputs.v' },
      );
      expect(await runTool(plan, { inputs: { v: value } })).toEqual(done({ v: value }));
      expect(new URL(api.paths()[0] ?? '', 'http://x').searchParams.get('q')).toBe(`<${value}>`);
      expect(JSON.parse(api.seen[0]?.body ?? '')).toEqual({ v: value });
    },
  );

  describe('a host from an expression (B053)', () => {
    const hosts = () => ({ inputs: { host: '127.0.0.1', url: `${api.url}/x` } });
    const templates = () => [`http://$inputs.host:${api.port}/x`, '$inputs.url'];

    test('is refused unless the server allows it', async () => {
      for (const url of templates()) {
        expect(await runTool(planOf([{ url }]), hosts())).toMatchObject({
          outcome: 'not_started',
          error: { code: 'egress_denied' },
        });
      }
      expect(api.seen).toEqual([]);
    });

    test('is used when the server allows it', async () => {
      for (const url of templates()) {
        expect(await runTool(planOf([{ url }], {}, { allowedHosts: ['127.0.0.1'] }), hosts())).toEqual(done({}));
      }
    });

    test('cannot be left by a redirect, even without credentials; one that the document fixes can (T54)', async () => {
      const elsewhere = api.url.replace('127.0.0.1', 'localhost');
      const redirect = (_request: unknown, response: ServerResponse) =>
        void response.writeHead(302, { location: `${elsewhere}/there` }).end();
      const fixed = planOf([{ url: `${api.url}/here` }]);
      const allowing = (allowedHosts: string[]) => planOf([{ url: `${api.url}/here` }], {}, { allowedHosts });
      const chosen = planOf([{ url: `${templates()[0]}` }], {}, { allowedHosts: ['127.0.0.1'] });
      api.answers = { '/here': [redirect], '/x': [redirect] };
      for (const plan of [allowing(['127.0.0.1']), chosen]) {
        expect(await runTool(plan, hosts())).toMatchObject({ ok: false, error: { code: 'redirect_refused' } });
      }
      expect(api.paths()).not.toContain('/there');
      for (const plan of [fixed, allowing(['localhost'])]) expect(await runTool(plan)).toEqual(done({}));
      expect(api.paths()).toContain('/there');
    });
  });
});

describe('answers', () => {
  test.each([
    ['JSON', 'application/json; charset=utf-8', '{"a":1}', { a: 1 }],
    ['a kind of JSON', 'application/problem+json', '{"a":1}', { a: 1 }],
    ['JSON without a content type', undefined, '[1]', [1]],
    ['JSON after a byte order mark', 'application/json', '\ufeff[1]', [1]],
    ['text', 'text/plain', '{"a":1}', '{"a":1}'],
    ['HTML', 'text/html', '<p>', '<p>'],
    ['text that only claims to be JSON', 'application/json', 'NaN', 'NaN'],
    ['nothing', 'application/json', '', null],
  ])('%s', async (_name, contentType, body, seen) => {
    api.answers = {
      '/x': [
        (_request, response) => {
          if (contentType !== undefined) response.setHeader('content-type', contentType);
          response.end(body);
        },
      ],
    };
    const plan = planOf([{ id: 's', url: `${api.url}/x` }], { body: '$steps.s.response.body' });
    expect(await runTool(plan)).toEqual(done({ body: seen }));
  });

  describe('that are declared as JSON and do not parse', () => {
    const broken = (status: number, contentType = 'application/json') => {
      api.answers = {
        '/x': [(_, response) => response.writeHead(status, { 'content-type': contentType }).end('{"a":')],
        '/y': [json({})],
      };
    };
    const url = () => `${api.url}/x`;
    const other = () => ({ id: 'other', url: `${api.url}/y` });

    test.each<[string, () => Parameters<typeof planOf>]>([
      ['an output of the step', () => [[{ id: 's', url: url(), outputs: { a: '$response.body.a' } }]]],
      ['JMESPath', () => [[{ id: 's', url: url(), outputs: { a: '$response.body[0].a' } }]]],
      ['an output of the tool', () => [[{ id: 's', url: url() }, other()], { a: '$steps.s.response.body.a' }]],
      ['JMESPath in an output', () => [[{ id: 's', url: url() }], { a: 'keys($steps.s.response.body)' }]],
      [
        'a later request',
        () => [
          [
            { id: 's', url: url() },
            { ...other(), query: { a: '$steps.s.response.body.a' } },
          ],
        ],
      ],
      [
        'what uses an output that is the body',
        () => [[{ id: 's', url: url(), outputs: { all: '$response.body' } }], { a: '$steps.s.outputs.all.a' }],
      ],
      [
        'JMESPath in an output that is the body',
        () => [[{ id: 's', url: url(), outputs: { all: '$response.body' } }], { a: 'keys($steps.s.outputs.all)' }],
      ],
      [
        'an output after one that is the body',
        () => [[{ id: 's', url: url(), outputs: { all: '$response.body', a: '$outputs.all.a' } }]],
      ],
      [
        'JMESPath after an output that is the body',
        () => [[{ id: 's', url: url(), outputs: { all: '$response.body', a: '$outputs.all[0].a' } }]],
      ],
    ])('end the call if %s looks into them', async (_name, plan) => {
      broken(200);
      expect(await runTool(planOf(...plan()))).toMatchObject({
        ok: false,
        outcome: 'done',
        error: {
          code: 'upstream_bad_response',
          message: "The API's answer is not valid JSON",
          status: 200,
          stepId: 's',
        },
      });
    });

    test('are nothing to a tool that does not look into them', async () => {
      broken(200);
      const looking = { ...other(), outputs: { b: '$response.body.b' } };
      const plan = planOf([{ id: 's', url: url(), outputs: { status: '$statusCode' } }, looking], {
        status: '$steps.s.outputs.status',
      });
      expect(await runTool(plan)).toEqual(done({ status: 200 }));
    });

    test('are text if only outputs have them, as a whole', async () => {
      broken(200);
      const plan = planOf([{ id: 's', url: url(), outputs: { all: '$response.body', same: '$outputs.all' } }], {
        all: '$steps.s.outputs.all',
      });
      expect(await runTool(plan)).toEqual(done({ all: '{"a":' }));
    });

    test('are empty if they are blank', async () => {
      const answer = '\r\n ';
      api.answers = {
        '/x': [(_, response) => response.writeHead(201, { 'content-type': 'application/json' }).end(answer)],
      };
      const plan = planOf([{ id: 's', url: url(), method: 'POST', outputs: { id: '$response.body.id' } }], {
        id: '$steps.s.outputs.id',
        body: '$steps.s.response.body',
      });
      expect(await runTool(plan)).toEqual(done({ id: null, body: null }));
    });

    test('are left to the actions if the status is that of an error', async () => {
      broken(503);
      const plan = planOf([{ id: 's', url: url(), outputs: { a: '$response.body.a' } }], { a: '$steps.s.outputs.a' });
      expect(await runTool(plan)).toEqual(done({ a: null }));
    });

    test('are text if they are declared as text', async () => {
      broken(200, 'text/plain');
      const plan = planOf([{ id: 's', url: url(), outputs: { a: '$response.body.a' } }], { a: '$steps.s.outputs.a' });
      expect(await runTool(plan)).toEqual(done({ a: null }));
    });
  });

  test('bytes that are not text do not fail the call (B109)', async () => {
    api.answers = { '/x': [(_request, response) => response.end(Buffer.from([0xff, 0xfe, 0x41]))] };
    const plan = planOf([{ id: 's', url: `${api.url}/x` }], { body: '$steps.s.response.body' });
    expect(await runTool(plan)).toEqual(done({ body: '\ufffd\ufffdA' }));
  });

  test('JSON 100 000 levels deep is a bad response (B109)', async () => {
    api.answers = { '/x': [(_request, response) => response.end('['.repeat(100_000) + ']'.repeat(100_000))] };
    const plan = planOf([{ id: 's', url: `${api.url}/x` }], { body: '$steps.s.response.body' });
    expect(await runTool(plan)).toMatchObject({
      ok: false,
      outcome: 'done',
      error: { code: 'upstream_bad_response', message: 'The JSON of the answer is nested deeper than 200 levels' },
    });
  });

  test('headers are found by their names in lower case', async () => {
    api.answers = { '/x': [json({}, 200, { 'X-Total-Count': '7' })] };
    const plan = planOf([{ id: 's', url: `${api.url}/x` }], { total: '$steps.s.response.headers.X-Total-Count' });
    expect(await runTool(plan)).toEqual(done({ total: '7' }));
  });

  test('of Set-Cookie, only a request that names it gets something: the headers as a whole do not show it', async () => {
    const session = 'session=canary';
    api.answers = { '/x': [json({ a: 1 }, 200, { 'Set-Cookie': session, 'X-A': 'shown' })] };
    const send = {
      id: 'next',
      url: `${api.url}/y`,
      headers: { 'X-Session': '$steps.s.response.headers.set-cookie.0' },
    };
    const seen = { here: '$response.headers', all: '$response' };
    const outcome = await runTool(
      planOf([{ id: 's', url: `${api.url}/x`, outputs: seen }, send], {
        whole: '$steps.s.response',
        text: '{$steps.s.response.headers}',
        keys: 'keys($steps.s.response.headers)',
        values: 'values($steps.s.response.headers)',
        json: 'to_string($steps.s.response)',
        list: 'to_array($steps.s.response)',
        passed: '$steps.s.outputs.here.set-cookie',
        picked: 'to_string($steps.s.outputs.all.headers."set-cookie")',
        listed: 'flatten($steps.s.response.[headers][*]."set-cookie")',
        kept: '$steps.s.outputs',
      }),
    );
    expect(api.seen[1]?.headers['x-session']).toBe(session);
    expect(outcome).toMatchObject({ ok: true, value: { whole: { headers: { 'x-a': 'shown' } } } });
    expect(JSON.stringify(outcome)).not.toMatch(/canary|set-cookie/);
  });

  describe('what a call keeps of them is limited', () => {
    const big = () => (api.answers = { '/x': [json('x'.repeat(4_500_000))] });
    const stepsOf = (outputs: Record<string, Json>) =>
      Array.from({ length: 5 }, (_, index) => ({ id: `s${index}`, url: `${api.url}/x`, outputs }));
    const tooMuch = {
      ok: false,
      outcome: 'done',
      error: { code: 'response_too_large', stepId: 's4', status: 200 },
    };

    test.each<[string, Record<string, Json>, Record<string, Json>]>([
      ['a reference', {}, Object.fromEntries([0, 1, 2, 3, 4].map((id) => [id, `$steps.s${id}.response.body.none`]))],
      ['JMESPath', {}, Object.fromEntries([0, 1, 2, 3, 4].map((id) => [id, `keys($steps.s${id}.response)`]))],
      ['their outputs', { all: '$response.body' }, {}],
    ])('if it is used by %s', async (_name, stepOutputs, outputs) => {
      big();
      expect(await runTool(planOf(stepsOf(stepOutputs), outputs))).toMatchObject(tooMuch);
    });

    test('and an answer that nothing uses is not kept', async () => {
      big();
      const plan = planOf(stepsOf({ size: 'length($response.body)' }), { size: '$steps.s4.outputs.size' });
      expect(await runTool(plan)).toEqual(done({ size: 4_500_000 }));
    });

    test('and a repeated step keeps only its last answer', async () => {
      api.answers = { '/x': [...Array(5).fill(json('x'.repeat(4_500_000), 503)), json('end')] };
      const plan = planOf(
        [{ id: 's', url: `${api.url}/x`, actions: [{ do: 'retry', when: '$statusCode == 503' }, { do: 'next' }] }],
        { body: '$steps.s.response.body' },
      );
      expect(await runTool(plan)).toEqual(done({ body: 'end' }));
    });
  });

  test('the requests and answers of each step stay for the expressions that use them', async () => {
    api.answers = { '/x': [json({ a: 1 })], '/y?a=1': [json({ b: [2] })], '/z': [json({ c: 3 })] };
    const plan = planOf(
      [
        { id: 'x', url: `${api.url}/x` },
        { id: 'y-1', url: `${api.url}/y`, query: { a: '$steps.x.response.body.a' } },
        { id: '3', url: `${api.url}/z`, actions: [{ do: 'next', when: '$steps.x.response.status == 200' }] },
      ],
      {
        method: '$steps.x.request.method',
        url: 'at $steps.y-1.request.url',
        b: '$steps.y-1.response.body.b[0]',
        c: 'c: $steps.3.response.body.c',
      },
    );
    expect(await runTool(plan)).toEqual(done({ method: 'GET', url: `at ${api.url}/y?a=1`, b: 2, c: 'c: 3' }));
  });

  test('outputs above the limit are refused, and the error names both sizes', async () => {
    api.answers = { '/x': [json('x'.repeat(1000))] };
    const plan = planOf([{ id: 's', url: `${api.url}/x` }], { a: '$steps.s.response.body' }, { outputBytesMax: 1000 });
    expect(await runTool(plan)).toEqual({
      ok: false,
      outcome: 'done',
      error: {
        code: 'output_too_large',
        message: 'The outputs of the tool have 1008 bytes; the limit is 1000',
      },
    });
  });
});
