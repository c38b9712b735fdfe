import { describe, expect, test } from '@jest/globals';
import { AppError, type Json, type JsonObject } from '@toolplane/contracts';
import { planOf } from '../../test/plan.ts';
import { fakeClock, runTool } from '../../test/run-tool.ts';
import { type ScriptedResponse, useScriptedApi } from '../../test/scripted-api.ts';
import { json } from '../../test/upstream.ts';

const api = useScriptedApi();

const done = (value: Json) => ({ ok: true, outcome: 'done', value });

describe('steps', () => {
  test('run in order and pass their outputs on', async () => {
    api.answers = {
      '/tickets/7': [json({ status: 'open', owner_id: 'u 1' })],
      '/users/u%201': [json({ email: 'a@example.com' })],
    };
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

  test('return only declared outputs; a reference to nothing is null (B114)', async () => {
    api.answers = { '/x': [json({ a: 1, secretary: 'hidden' })] };
    const plan = planOf([{ id: 's', url: `${api.url}/x`, outputs: { a: '$response.body.a', b: '$response.body.b' } }], {
      a: '$steps.s.outputs.a',
      b: '$steps.s.outputs.b',
      c: '$steps.s.outputs.c',
    });
    expect(await runTool(plan)).toEqual(done({ a: 1, b: null, c: null }));
  });

  test('build their outputs in order, each seeing those before it', async () => {
    api.answers = { '/x': [json({ a: 1 })] };
    const plan = planOf(
      [{ id: 's', url: `${api.url}/x`, outputs: { early: '$outputs.a', a: '$response.body.a', late: '<$outputs.a>' } }],
      { early: '$steps.s.outputs.early', late: '$steps.s.outputs.late' },
    );
    expect(await runTool(plan)).toEqual(done({ early: null, late: '<1>' }));
  });

  test('do not fail because of an HTTP error status alone', async () => {
    api.answers = { '/x': [json({}, 500)] };
    const plan = planOf([{ id: 's', url: `${api.url}/x` }, { url: `${api.url}/y` }], {
      status: '$steps.s.response.status',
    });
    expect(await runTool(plan)).toEqual(done({ status: 500 }));
    expect(api.paths()).toEqual(['/x', '/y']);
  });

  test('give no special meaning to the names of object members (T19)', async () => {
    api.answers = {
      '/x': [(_request, response) => response.end('{"__proto__":{"polluted":true},"constructor":{"prototype":1}}')],
    };
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
  test('the first that matches is executed', async () => {
    api.answers = { '/x': [json({}, 404)] };
    const plan = planOf([
      {
        url: `${api.url}/x`,
        actions: [{ do: 'end', when: '$statusCode == 404' }, { do: 'next' }],
      },
      { url: `${api.url}/y` },
    ]);
    expect(await runTool(plan)).toEqual(done({}));
    expect(api.paths()).toEqual(['/x']);
  });

  test('none matches: the error names the status but no body', async () => {
    api.answers = { '/x': [json({ internal: 'stack trace' }, 500)] };
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

  test('retry repeats the step after its wait, then the next action is considered', async () => {
    api.answers = { '/x': [json({}, 429)] };
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

  test('retry ends when its condition no longer holds', async () => {
    api.answers = { '/x': [json({}, 503), json({ ok: true })] };
    const plan = planOf(
      [{ id: 's', url: `${api.url}/x`, actions: [{ do: 'retry', when: '$statusCode == 503' }, { do: 'next' }] }],
      { ok: '$steps.s.response.body.ok' },
    );
    expect(await runTool(plan)).toEqual(done({ ok: true }));
  });

  test('a wait never exceeds the time left until the deadline (B112)', async () => {
    api.answers = { '/x': [json({}, 429)] };
    const clock = fakeClock();
    const plan = planOf([
      { id: 's', url: `${api.url}/x`, actions: [{ do: 'retry', when: '$statusCode == 429', waitMs: 3_600_000 }] },
    ]);
    const outcome = await runTool(plan, { clock, deadline: clock.now() + 5000 });
    expect(clock.waits).toEqual([5000]);
    const error = { code: 'deadline_exceeded', stepId: 's', status: 429 };
    expect(outcome).toMatchObject({ ok: false, outcome: 'done', error });
  });

  test('goto may jump back, with a fresh budget of retries', async () => {
    api.answers = { '/a': [json({}, 429), json({}, 429), json({}), json({}, 429), json({}, 429), json({})] };
    api.answers['/b'] = [json({ again: true }), json({ again: false })];
    const plan = planOf([
      { url: `${api.url}/a`, actions: [{ do: 'retry', when: '$statusCode == 429', retriesMax: 2 }, { do: 'next' }] },
      {
        url: `${api.url}/b`,
        actions: [{ do: 'goto', stepIndex: 0, when: '$response.body.again == true' }, { do: 'end' }],
      },
    ]);
    expect(await runTool(plan)).toEqual(done({}));
    expect(api.paths()).toEqual(['/a', '/a', '/a', '/b', '/a', '/a', '/a', '/b']);
  });

  test('a loop ends after 100 steps run (T21)', async () => {
    const plan = planOf([{ id: 's', url: `${api.url}/x`, actions: [{ do: 'goto', stepIndex: 0 }] }]);
    expect(await runTool(plan)).toMatchObject({ ok: false, outcome: 'done', error: { code: 'loop_limit' } });
    expect(api.seen).toHaveLength(100);
  });
});

describe('the outcome says what the upstreams may have seen', () => {
  const hang = () => {};
  const reset: ScriptedResponse = (request) => request.socket.resetAndDestroy();

  test('refused connection of the first step: not_started', async () => {
    expect(await runTool(planOf([{ id: 's', url: 'http://127.0.0.1:1/x' }]))).toEqual({
      ok: false,
      outcome: 'not_started',
      error: { code: 'upstream_unreachable', message: 'The upstream does not accept connections', stepId: 's' },
    });
  });

  test('refused connection after an answered step: done', async () => {
    const plan = planOf([{ url: `${api.url}/x` }, { id: 't', url: 'http://127.0.0.1:1/x' }]);
    expect(await runTool(plan)).toMatchObject({
      outcome: 'done',
      error: { code: 'upstream_unreachable', stepId: 't' },
    });
  });

  test('a sent request without an answer: unknown, and no action is considered', async () => {
    api.answers = { '/x': [reset] };
    const plan = planOf([{ url: `${api.url}/x`, method: 'POST', actions: [{ do: 'retry' }] }]);
    expect(await runTool(plan)).toMatchObject({ outcome: 'unknown', error: { code: 'upstream_unreachable' } });
    expect(api.seen).toHaveLength(1);
  });

  test('a timeout of the step: unknown, and no action is considered', async () => {
    api.answers = { '/x': [hang] };
    const plan = planOf([{ url: `${api.url}/x`, timeoutMs: 100, actions: [{ do: 'retry' }] }]);
    expect(await runTool(plan)).toMatchObject({ outcome: 'unknown', error: { code: 'upstream_timeout' } });
    expect(api.seen).toHaveLength(1);
  });

  test('an answer that exceeds one of our limits: done, with its status', async () => {
    api.answers = {
      '/x': [(_request, response) => response.writeHead(201).end(Buffer.alloc(6 << 20))],
    };
    const outcome = await runTool(planOf([{ url: `${api.url}/x`, method: 'POST' }]));
    expect(outcome).toMatchObject({ outcome: 'done', error: { code: 'response_too_large', status: 201 } });
  });

  test('no time left before the first request: not_started', async () => {
    const clock = fakeClock();
    const outcome = await runTool(planOf([{ url: `${api.url}/x` }]), { clock, deadline: clock.now() + 250 });
    expect(outcome).toMatchObject({ outcome: 'not_started', error: { code: 'deadline_exceeded' } });
    expect(api.seen).toEqual([]);
  });

  test('the plan may have a shorter deadline than the call', async () => {
    api.answers = { '/x': [hang] };
    const plan = planOf([{ url: `${api.url}/x` }], {}, { deadlineMs: 350 });
    expect(await runTool(plan)).toMatchObject({ outcome: 'unknown', error: { code: 'deadline_exceeded' } });
  });

  test('cancelled during a request: the upstream sees the connection close, unknown', async () => {
    api.answers = { '/x': [hang] };
    const controller = new AbortController();
    const arrived = api.nextRequest();
    const closed = api.nextClose();
    const outcome = runTool(planOf([{ url: `${api.url}/x` }]), { signal: controller.signal });
    await arrived;
    controller.abort(new AppError('cancelled', 'The call was cancelled'));
    expect(await outcome).toMatchObject({ outcome: 'unknown', error: { code: 'cancelled' } });
    await closed;
  });

  test('cancelled while waiting for a retry: at once, done', async () => {
    api.answers = { '/x': [json({}, 429)] };
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
    const signal = AbortSignal.abort(new AppError('cancelled', 'The call was cancelled'));
    const outcome = await runTool(planOf([{ url: `${api.url}/x` }]), { signal });
    expect(outcome).toMatchObject({ outcome: 'not_started', error: { code: 'cancelled' } });
    expect(api.seen).toEqual([]);
  });
});
