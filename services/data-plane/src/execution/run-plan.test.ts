import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { AppError, type Json, type JsonObject } from '@toolplane/contracts';
import { planOf } from '../../test/plan.ts';
import { fakeClock, internalErrors, runTool } from '../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';

/** What the upstream answers: per path, one answer after the other, the last for ever. */
let answers: Record<string, Parameters<typeof startUpstream>[0][]>;
let api: Upstream;

beforeAll(async () => {
  api = await startUpstream((request, response) => {
    const rest = answers[new URL(request.url ?? '', 'http://x').pathname] ?? [];
    const answer = rest.length > 1 ? rest.shift() : rest[0];
    if (answer === undefined) json({ path: request.url })(request, response);
    else answer(request, response);
  });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
afterEach(() => {
  api.seen.length = 0;
  expect(internalErrors).toEqual([]);
});

function answering(programmed: typeof answers): void {
  answers = programmed;
}

const paths = () => api.seen.map(({ url }) => url);
const done = (value: Json) => ({ ok: true, outcome: 'done', value });

describe('steps', () => {
  test('run in order and hand their outputs on', async () => {
    answering({
      '/tickets/7': [json({ status: 'open', owner_id: 'u 1' })],
      '/users/u%201': [json({ email: 'a@example.com' })],
    });
    const plan = planOf(
      [
        {
          id: 'find',
          url: `${api.url}/tickets/$inputs.number`,
          outputs: { status: '$response.body.status', owner: '$response.body.owner_id' },
        },
        { id: 'owner', url: `${api.url}/users/$steps.find.outputs.owner`, outputs: { email: '$response.body.email' } },
      ],
      {
        status: '$steps.find.outputs.status',
        email: '$steps.owner.outputs.email',
        first: '$steps.find.response.status',
      },
    );
    expect(await runTool(plan, { inputs: { number: 7 } })).toEqual(
      done({ status: 'open', email: 'a@example.com', first: 200 }),
    );
  });

  test('return only declared outputs; what names nothing is null (B114)', async () => {
    answering({ '/x': [json({ a: 1, secretary: 'hidden' })] });
    const plan = planOf([{ id: 's', url: `${api.url}/x`, outputs: { a: '$response.body.a', b: '$response.body.b' } }], {
      a: '$steps.s.outputs.a',
      b: '$steps.s.outputs.b',
      c: '$steps.s.outputs.c',
    });
    expect(await runTool(plan)).toEqual(done({ a: 1, b: null, c: null }));
  });

  test('build their outputs in order, each seeing those before it', async () => {
    answering({ '/x': [json({ a: 1 })] });
    const plan = planOf(
      [{ id: 's', url: `${api.url}/x`, outputs: { early: '$outputs.a', a: '$response.body.a', late: '<$outputs.a>' } }],
      { early: '$steps.s.outputs.early', late: '$steps.s.outputs.late' },
    );
    expect(await runTool(plan)).toEqual(done({ early: null, late: '<1>' }));
  });

  test('an HTTP error status is no failure by itself', async () => {
    answering({ '/x': [json({}, 500)] });
    const plan = planOf([{ id: 's', url: `${api.url}/x` }, { url: `${api.url}/y` }], {
      status: '$steps.s.response.status',
    });
    expect(await runTool(plan)).toEqual(done({ status: 500 }));
    expect(paths()).toEqual(['/x', '/y']);
  });

  test('163: names of objects mean nothing special (T19)', async () => {
    answering({
      '/x': [(_request, response) => response.end('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}')],
    });
    const plan = planOf(
      [
        { id: '__proto__', url: `${api.url}/x`, outputs: { __proto__: '$response.body', all: '$response.body' } },
        { id: 'constructor', url: `${api.url}/y`, outputs: { toString: 'x' } },
      ],
      {
        body: '$steps.constructor.outputs.toString',
        inherited: '$steps.valueOf',
        prototype: '$response.body.constructor.name',
      },
    );
    expect(await runTool(plan)).toMatchObject(done({ body: 'x', inherited: null, prototype: null }));
    expect(({} as JsonObject)['polluted']).toBeUndefined();
  });
});

describe('actions', () => {
  test('the first that matches is taken', async () => {
    answering({ '/x': [json({}, 404)] });
    const plan = planOf([
      {
        url: `${api.url}/x`,
        actions: [{ do: 'end', when: '$statusCode == 404' }, { do: 'next' }],
      },
      { url: `${api.url}/y` },
    ]);
    expect(await runTool(plan)).toEqual(done({}));
    expect(paths()).toEqual(['/x']);
  });

  test('none matched: the error names the status and no body', async () => {
    answering({ '/x': [json({ internal: 'stack trace' }, 500)] });
    const plan = planOf([{ id: 's', url: `${api.url}/x`, actions: [{ do: 'next', when: '$statusCode == 200' }] }]);
    const outcome = await runTool(plan);
    expect(outcome).toEqual({
      ok: false,
      outcome: 'done',
      error: {
        code: 'no_action_matched',
        message: 'The upstream answered with status 500, and the tool has no action for this answer',
        stepId: 's',
        status: 500,
      },
    });
  });

  test('retry repeats the step after its wait, then the next action is looked at', async () => {
    answering({ '/x': [json({}, 429)] });
    const clock = fakeClock();
    const plan = planOf([
      {
        url: `${api.url}/x`,
        actions: [{ do: 'retry', when: '$statusCode == 429', waitMs: 2000, retriesMax: 3 }, { do: 'end' }],
      },
    ]);
    expect(await runTool(plan, { clock })).toEqual(done({}));
    expect([api.seen.length, clock.waits]).toEqual([4, [2000, 2000, 2000]]);
  });

  test('retry ends when the condition does', async () => {
    answering({ '/x': [json({}, 503), json({ ok: true })] });
    const plan = planOf(
      [{ id: 's', url: `${api.url}/x`, actions: [{ do: 'retry', when: '$statusCode == 503' }, { do: 'next' }] }],
      { ok: '$steps.s.response.body.ok' },
    );
    expect(await runTool(plan)).toEqual(done({ ok: true }));
  });

  test('a wait is never longer than what the deadline leaves (B112)', async () => {
    answering({ '/x': [json({}, 429)] });
    const clock = fakeClock();
    const plan = planOf([
      { id: 's', url: `${api.url}/x`, actions: [{ do: 'retry', when: '$statusCode == 429', waitMs: 3_600_000 }] },
    ]);
    const outcome = await runTool(plan, { clock, deadline: clock.now() + 5000 });
    expect(clock.waits).toEqual([5000]);
    expect(outcome).toMatchObject({ ok: false, outcome: 'done', error: { code: 'deadline_exceeded', stepId: 's' } });
  });

  test('goto may jump back, with a fresh budget of retries', async () => {
    answering({ '/a': [json({}, 429), json({}, 429), json({}), json({}, 429), json({}, 429), json({})] });
    answers['/b'] = [json({ again: true }), json({ again: false })];
    const plan = planOf([
      { url: `${api.url}/a`, actions: [{ do: 'retry', when: '$statusCode == 429', retriesMax: 2 }, { do: 'next' }] },
      {
        url: `${api.url}/b`,
        actions: [{ do: 'goto', stepIndex: 0, when: '$response.body.again == true' }, { do: 'end' }],
      },
    ]);
    expect(await runTool(plan)).toEqual(done({}));
    expect(paths()).toEqual(['/a', '/a', '/a', '/b', '/a', '/a', '/a', '/b']);
  });

  test('a loop ends after 100 steps run (T21)', async () => {
    answering({});
    const plan = planOf([{ id: 's', url: `${api.url}/x`, actions: [{ do: 'goto', stepIndex: 0 }] }]);
    expect(await runTool(plan)).toMatchObject({ ok: false, outcome: 'done', error: { code: 'loop_limit' } });
    expect(api.seen).toHaveLength(100);
  });
});

describe('the outcome says what the upstreams may have seen', () => {
  const hang = () => {};
  const reset: (typeof answers)[string][number] = (request) => request.socket.resetAndDestroy();

  test('refused connection of the first step: not_started', async () => {
    answering({});
    expect(await runTool(planOf([{ id: 's', url: 'http://127.0.0.1:1/x' }]))).toEqual({
      ok: false,
      outcome: 'not_started',
      error: { code: 'upstream_unreachable', message: 'The upstream does not accept connections', stepId: 's' },
    });
  });

  test('refused connection after a step that was answered: done', async () => {
    answering({});
    const plan = planOf([{ url: `${api.url}/x` }, { id: 't', url: 'http://127.0.0.1:1/x' }]);
    expect(await runTool(plan)).toMatchObject({
      outcome: 'done',
      error: { code: 'upstream_unreachable', stepId: 't' },
    });
  });

  test('a sent request without an answer: unknown, and no action is looked at', async () => {
    answering({ '/x': [reset] });
    const plan = planOf([{ url: `${api.url}/x`, method: 'POST', actions: [{ do: 'retry' }] }]);
    expect(await runTool(plan)).toMatchObject({ outcome: 'unknown', error: { code: 'upstream_unreachable' } });
    expect(api.seen).toHaveLength(1);
  });

  test('a timeout of the step: unknown, and no action is looked at', async () => {
    answering({ '/x': [hang] });
    const plan = planOf([{ url: `${api.url}/x`, timeoutMs: 100, actions: [{ do: 'retry' }] }]);
    expect(await runTool(plan)).toMatchObject({ outcome: 'unknown', error: { code: 'upstream_timeout' } });
    expect(api.seen).toHaveLength(1);
  });

  test('an answer that a limit of ours refuses: done, with its status', async () => {
    answering({
      '/x': [(_request, response) => response.writeHead(201).end(Buffer.alloc(6 << 20))],
    });
    const outcome = await runTool(planOf([{ url: `${api.url}/x`, method: 'POST' }]));
    expect(outcome).toMatchObject({ outcome: 'done', error: { code: 'response_too_large', status: 201 } });
  });

  test('no time left before the first request: not_started', async () => {
    answering({});
    const clock = fakeClock();
    const outcome = await runTool(planOf([{ url: `${api.url}/x` }]), { clock, deadline: clock.now() + 250 });
    expect(outcome).toMatchObject({ outcome: 'not_started', error: { code: 'deadline_exceeded' } });
    expect(api.seen).toEqual([]);
  });

  test('the plan may have a shorter deadline than the call', async () => {
    answering({ '/x': [hang] });
    const plan = planOf([{ url: `${api.url}/x` }], {}, { deadlineMs: 350 });
    expect(await runTool(plan)).toMatchObject({ outcome: 'unknown', error: { code: 'deadline_exceeded' } });
  });

  test('cancelled during a request: the upstream sees the connection close, unknown', async () => {
    answering({ '/x': [hang] });
    const controller = new AbortController();
    const arrived = api.nextRequest();
    const closed = api.nextClose();
    const outcome = runTool(planOf([{ url: `${api.url}/x` }]), { signal: controller.signal });
    await arrived;
    controller.abort(new AppError('cancelled', 'The call was cancelled'));
    expect(await outcome).toMatchObject({ outcome: 'unknown', error: { code: 'cancelled' } });
    await closed;
  });

  test('cancelled during the wait of a retry: at once, done', async () => {
    answering({ '/x': [json({}, 429)] });
    const controller = new AbortController();
    const clock = {
      now: Date.now,
      wait: async (_ms: number, signal: AbortSignal) => {
        controller.abort(new AppError('shutting_down', 'The service is shutting down'));
        signal.throwIfAborted();
      },
    };
    const plan = planOf([{ url: `${api.url}/x`, actions: [{ do: 'retry', waitMs: 60_000 }] }]);
    const outcome = await runTool(plan, { clock, signal: controller.signal });
    expect(outcome).toMatchObject({ outcome: 'done', error: { code: 'shutting_down' } });
  });

  test('cancelled before the first request: not_started', async () => {
    answering({});
    const signal = AbortSignal.abort(new AppError('cancelled', 'The call was cancelled'));
    const outcome = await runTool(planOf([{ url: `${api.url}/x` }]), { signal });
    expect(outcome).toMatchObject({ outcome: 'not_started', error: { code: 'cancelled' } });
    expect(api.seen).toEqual([]);
  });
});

describe('requests', () => {
  test('query: lists repeat the key, objects are JSON, missing values are left out, no value adds a parameter', async () => {
    answering({});
    const plan = planOf([
      {
        url: `${api.url}/x?fixed=1`,
        query: { q: '$inputs.q', list: '$inputs.list', object: '$inputs.object', gone: '$inputs.gone', 'a&b': 'é' },
      },
    ]);
    await runTool(plan, { inputs: { q: 'a&admin=1#b \ud800', list: [1, 'two'], object: { a: 1 } } });
    expect(paths()).toEqual([
      '/x?fixed=1&q=a%26admin%3D1%23b%20%EF%BF%BD&list=1&list=two&object=%7B%22a%22%3A1%7D&a%26b=%C3%A9',
    ]);
  });

  test('a JSON body is built as a value: no argument breaks out of it (B072)', async () => {
    answering({});
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
    ['a string is sent raw', 'plain <$inputs.a>', 'plain <1>', undefined],
    ['a list', ['$inputs.a'], '[1]', 'application/json'],
    ['a number', '$inputs.a', '1', 'application/json'],
    ['nothing', '$inputs.gone', '', undefined],
  ])('body: %s', async (_name, body, sent, contentType) => {
    answering({});
    await runTool(planOf([{ url: `${api.url}/x`, method: 'POST', body }]), { inputs: { a: 1 } });
    expect(api.seen[0]?.body).toBe(sent);
    expect(api.seen[0]?.headers['content-type']).toBe(contentType);
  });

  test('a form is encoded, whatever its values hold (B073)', async () => {
    answering({});
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const body = { a: '$inputs.a', list: '$inputs.list' };
    await runTool(planOf([{ url: `${api.url}/x`, method: 'POST', headers, body }]), {
      inputs: { a: '1&b=2\r\n', list: ['x', 'y'] },
    });
    expect(api.seen[0]?.body).toBe('a=1%26b%3D2%0D%0A&list=x&list=y');
  });

  test('a header whose value is missing is left out; one with a line break is refused', async () => {
    answering({});
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
      answering({});
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
      answering({ '/echo': [(request, response) => response.end(JSON.stringify(request.url))] });
      const plan = planOf(
        [{ id: 's', url: `${api.url}/echo`, method: 'POST', query: { q: '<$inputs.v>' }, body: { v: '$inputs.v' } }],
        { v: '$inputs.v' },
      );
      expect(await runTool(plan, { inputs: { v: value } })).toEqual(done({ v: value }));
      expect(new URL(paths()[0] ?? '', 'http://x').searchParams.get('q')).toBe(`<${value}>`);
      expect(JSON.parse(api.seen[0]?.body ?? '')).toEqual({ v: value });
    },
  );

  describe('a host that an expression gives (B053)', () => {
    const hosts = () => ({ inputs: { host: '127.0.0.1', url: `${api.url}/x` } });
    const templates = () => [`http://$inputs.host:${api.port}/x`, '$inputs.url'];

    test('is refused unless the server allows it', async () => {
      answering({});
      for (const url of templates()) {
        expect(await runTool(planOf([{ url }]), hosts())).toMatchObject({
          outcome: 'not_started',
          error: { code: 'egress_denied' },
        });
      }
      expect(api.seen).toEqual([]);
    });

    test('is used when the server allows it', async () => {
      answering({});
      for (const url of templates()) {
        expect(await runTool(planOf([{ url }], {}, { allowedHosts: ['127.0.0.1'] }), hosts())).toEqual(done({}));
      }
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
    ['what only says that it is JSON', 'application/json', 'NaN', 'NaN'],
    ['nothing', 'application/json', '', null],
  ])('%s', async (_name, contentType, body, seen) => {
    answering({
      '/x': [
        (_request, response) => {
          if (contentType !== undefined) response.setHeader('content-type', contentType);
          response.end(body);
        },
      ],
    });
    const plan = planOf([{ id: 's', url: `${api.url}/x` }], { body: '$steps.s.response.body' });
    expect(await runTool(plan)).toEqual(done({ body: seen }));
  });

  test('bytes that are no text do not fail the call (B109)', async () => {
    answering({ '/x': [(_request, response) => response.end(Buffer.from([0xff, 0xfe, 0x41]))] });
    const plan = planOf([{ id: 's', url: `${api.url}/x` }], { body: '$steps.s.response.body' });
    expect(await runTool(plan)).toEqual(done({ body: '\ufffd\ufffdA' }));
  });

  test('JSON 100 000 levels deep is a bad response (B109)', async () => {
    answering({ '/x': [(_request, response) => response.end('['.repeat(100_000) + ']'.repeat(100_000))] });
    const plan = planOf([{ id: 's', url: `${api.url}/x` }], { body: '$steps.s.response.body' });
    expect(await runTool(plan)).toMatchObject({
      ...{ ok: false, outcome: 'done' },
      error: { code: 'upstream_bad_response', message: 'The JSON of the answer is nested deeper than 200 levels' },
    });
  });

  test('headers are found by their names in lower case', async () => {
    answering({ '/x': [json({}, 200, { 'X-Total-Count': '7' })] });
    const plan = planOf([{ id: 's', url: `${api.url}/x` }], { total: '$steps.s.response.headers.X-Total-Count' });
    expect(await runTool(plan)).toEqual(done({ total: '7' }));
  });

  describe('what a call keeps of them is limited', () => {
    const big = () => answering({ '/x': [json('x'.repeat(4_500_000))] });
    const stepsOf = (outputs: Record<string, Json>) =>
      Array.from({ length: 5 }, (_, index) => ({ id: `s${index}`, url: `${api.url}/x`, outputs }));
    const tooMuch = {
      ...{ ok: false, outcome: 'done' },
      error: { code: 'response_too_large', stepId: 's4', status: 200 },
    };

    test.each<[string, Record<string, Json>, Record<string, Json>]>([
      ['a reference', {}, Object.fromEntries([0, 1, 2, 3, 4].map((id) => [id, `$steps.s${id}.response.body.none`]))],
      ['JMESPath', {}, Object.fromEntries([0, 1, 2, 3, 4].map((id) => [id, `keys($steps.s${id}.response)`]))],
      ['their outputs', { all: '$response.body' }, {}],
    ])('named by %s', async (_name, stepOutputs, outputs) => {
      big();
      expect(await runTool(planOf(stepsOf(stepOutputs), outputs))).toMatchObject(tooMuch);
    });

    test('nothing is kept that nobody names', async () => {
      big();
      const plan = planOf(stepsOf({ size: 'length($response.body)' }), { size: '$steps.s4.outputs.size' });
      expect(await runTool(plan)).toEqual(done({ size: 4_500_000 }));
    });

    test('a step that is run again keeps its last answer only', async () => {
      answering({ '/x': [...Array(5).fill(json('x'.repeat(4_500_000), 503)), json('end')] });
      const plan = planOf(
        [{ id: 's', url: `${api.url}/x`, actions: [{ do: 'retry', when: '$statusCode == 503' }, { do: 'next' }] }],
        { body: '$steps.s.response.body' },
      );
      expect(await runTool(plan)).toEqual(done({ body: 'end' }));
    });
  });

  test('of each step, requests and answers stay for those who name them', async () => {
    answering({ '/x': [json({ a: 1 })], '/y': [json({ b: [2] })], '/z': [json({ c: 3 })] });
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

  test('outputs above the limit are refused, naming both sizes', async () => {
    answering({ '/x': [json('x'.repeat(1000))] });
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
