import type { ServerResponse } from 'node:http';
import { describe, expect, test } from '@jest/globals';
import { AppError, type Json, type Plan } from '@toolplane/contracts';
import { type ActionText, planOf, workflowOf } from '../../test/plan.ts';
import { fakeClock, runTool } from '../../test/run-tool.ts';
import { type ScriptedResponse, useScriptedApi } from '../../test/scripted-api.ts';
import { json } from '../../test/upstream.ts';

const api = useScriptedApi();

const done = (value: Json) => ({ ok: true, outcome: 'done', value });
const arazzo = (rest: Partial<Plan> = {}): Partial<Plan> => ({ semantics: 'arazzo', ...rest });
const hangUp: ScriptedResponse = (request) => request.socket.destroy();

/** A step that succeeds with a 2xx status. */
function stepTo(path: string, onFailure: ActionText[] = []) {
  const succeeds = '$statusCode >= 200 && $statusCode < 300';
  return { id: path.slice(1), url: api.at(path), failure: { succeeds, actions: onFailure } };
}

describe('a step that can fail', () => {
  test('without an action for it the run fails, and later steps do not run', async () => {
    api.answers = { '/a': [json({}, 500)] };
    expect(await runTool(planOf([stepTo('/a'), stepTo('/b')], {}, arazzo()))).toMatchObject({
      ok: false,
      outcome: 'done',
      error: { code: 'step_failed', stepId: 'a', status: 500 },
    });
    expect(api.paths()).toEqual(['/a']);
  });

  test('the first action that matches is taken', async () => {
    api.answers = { '/a': [json({}, 404)] };
    const step = stepTo('/a', [
      { do: 'fail', when: '$statusCode == 500' },
      { do: 'goto', when: '$statusCode == 404', stepIndex: 2 },
      { do: 'fail' },
    ]);
    await runTool(planOf([step, stepTo('/b'), stepTo('/c')], {}, arazzo()));
    expect(api.paths()).toEqual(['/a', '/c']);
  });

  test('an action can fail the run', async () => {
    api.answers = { '/a': [json({}, 404)] };
    const outcome = await runTool(planOf([stepTo('/a', [{ do: 'fail' }])], {}, arazzo()));
    expect(outcome).toMatchObject({ ok: false, error: { code: 'step_failed', status: 404 } });
  });

  test('a failure that an action handles does not fail the run', async () => {
    api.answers = { '/a': [json({}, 404)] };
    const plan = planOf([stepTo('/a', [{ do: 'end' }])], { status: '$steps.a.response.status' }, arazzo());
    expect(await runTool(plan)).toEqual(done({ status: 404 }));
  });

  test('outputs of a failed step are available to the steps that recover', async () => {
    api.answers = { '/a': [json({ reason: 'gone' }, 404)] };
    const failing = {
      ...stepTo('/a', [{ do: 'goto' as const, stepIndex: 1 }]),
      outputs: { why: '$response.body.reason' },
    };
    const plan = planOf([failing, stepTo('/b')], { why: '$steps.a.outputs.why' }, arazzo());
    expect(await runTool(plan)).toEqual(done({ why: 'gone' }));
  });

  test('a lost connection fails the step: its actions run, without an answer', async () => {
    api.answers = { '/a': [hangUp] };
    const step = stepTo('/a', [
      { do: 'fail', when: '$statusCode == 500' },
      { do: 'goto', when: '!$statusCode', stepIndex: 1 },
    ]);
    expect(await runTool(planOf([step, stepTo('/b')], { b: '$steps.b.response.body.path' }, arazzo()))).toEqual(
      done({ b: '/b' }),
    );
  });

  test('an unanswered request leaves the outcome of a later failure unknown', async () => {
    api.answers = { '/a': [hangUp], '/b': [json({}, 500)] };
    const step = stepTo('/a', [{ do: 'goto', stepIndex: 1 }]);
    expect(await runTool(planOf([step, stepTo('/b')], {}, arazzo()))).toMatchObject({
      ok: false,
      outcome: 'unknown',
      error: { code: 'step_failed', stepId: 'b' },
    });
  });

  test('a step that takes longer than its timeout has failed, and its actions run', async () => {
    api.answers = { '/a': [() => {}] };
    const step = { ...stepTo('/a', [{ do: 'goto' as const, stepIndex: 1 }]), timeoutMs: 20 };
    expect(await runTool(planOf([step, stepTo('/b')], { b: '$steps.b.response.status' }, arazzo()))).toEqual(
      done({ b: 200 }),
    );
  });

  test('a request that cannot be built fails the step before anything is sent', async () => {
    const step = { ...stepTo('/a', [{ do: 'goto' as const, stepIndex: 1 }]), url: api.at('/a/$inputs.id') };
    await runTool(planOf([step, stepTo('/b')], {}, arazzo()));
    expect(api.paths()).toEqual(['/b']);
  });
});

describe('retry', () => {
  test.each([
    [0, 1],
    [1, 2],
    [3, 4],
  ])('with a limit of %i makes %i requests in all', async (retriesMax, requests) => {
    api.answers = { '/a': [json({}, 503)] };
    await runTool(planOf([stepTo('/a', [{ do: 'retry', retriesMax }])], {}, arazzo()));
    expect(api.paths()).toHaveLength(requests);
  });

  test('twice in one step has two separate budgets, and then the next action is executed', async () => {
    api.answers = { '/a': [json({}, 500), json({}, 503), json({}, 500), json({}, 503)] };
    const step = stepTo('/a', [
      { do: 'retry', when: '$statusCode == 500', retriesMax: 1 },
      { do: 'retry', when: '$statusCode == 503', retriesMax: 1 },
      { do: 'goto', stepIndex: 1 },
    ]);
    await runTool(planOf([step, stepTo('/b')], {}, arazzo()));
    expect(api.paths()).toEqual(['/a', '/a', '/a', '/b']);
  });

  test('that succeeds continues with the success actions', async () => {
    api.answers = { '/a': [json({}, 500), json({})] };
    const step = { ...stepTo('/a', [{ do: 'retry' as const }]), actions: [{ do: 'goto' as const, stepIndex: 2 }] };
    await runTool(planOf([step, stepTo('/b'), stepTo('/c')], {}, arazzo()));
    expect(api.paths()).toEqual(['/a', '/a', '/c']);
  });

  test.each([
    ['seconds', '2', 2000],
    ['a date', new Date(1_000_000 + 3000).toUTCString(), 3000],
    ['more than the setting allows', '3600', 60_000],
    ['nothing that can be read', 'soon', 500],
  ])('waits for Retry-After with %s, whatever the status', async (_name, header, waitMs) => {
    api.answers = {
      '/a': [(_request, response) => response.writeHead(404, { 'retry-after': header }).end(), json({})],
    };
    const clock = fakeClock();
    const step = stepTo('/a', [{ do: 'retry', waitMs: 500, retryAfterMsMax: 60_000 }]);
    await runTool(planOf([step], {}, arazzo({ deadlineMs: 300_000 })), { clock, deadline: 10_000_000 });
    expect(clock.waits).toEqual([waitMs]);
  });

  test('with a named step runs it once before each new try, without following its actions', async () => {
    api.answers = { '/a': [json({}, 500), json({}, 500), json({})] };
    const login = { ...stepTo('/login'), actions: [{ do: 'end' as const }] };
    const step = stepTo('/a', [{ do: 'retry', retriesMax: 3, first: { stepIndex: 0 } }]);
    await runTool(planOf([{ ...login, actions: [] }, step, stepTo('/b')], {}, arazzo()));
    expect(api.paths()).toEqual(['/login', '/a', '/login', '/a', '/login', '/a', '/b']);
  });

  test('builds each request anew, from what is known by then', async () => {
    api.answers = { '/login': [json({ token: 'old' }), json({ token: 'new' })], '/a': [json({}, 401), json({})] };
    const login = { ...stepTo('/login'), outputs: { token: '$response.body.token' } };
    const retry: ActionText = { do: 'retry', first: { stepIndex: 0 } };
    const step = { ...stepTo('/a', [retry]), headers: { authorization: 'Bearer $steps.login.outputs.token' } };
    await runTool(planOf([login, step], {}, arazzo()));
    const asked = api.seen.filter(({ url }) => url === '/a').map(({ headers }) => headers.authorization);
    expect(asked).toEqual(['Bearer old', 'Bearer new']);
  });

  test('happens only where the document asks for it', async () => {
    api.answers = { '/a': [hangUp] };
    await runTool(planOf([{ ...stepTo('/a'), method: 'POST' }], {}, arazzo()));
    await runTool(planOf([stepTo('/a')], {}, arazzo()));
    expect(api.paths()).toEqual(['/a', '/a']);
  });

  test('is not ended by a reference that fails', async () => {
    api.answers = { '/a': [json({}, 500), json({})], '/login': [json({}, 500)] };
    const workflows = [workflowOf('login', [stepTo('/login')])];
    const step = stepTo('/a', [{ do: 'retry', first: { workflowIndex: 0 } }]);
    expect(await runTool(planOf([step], {}, arazzo({ workflows })))).toMatchObject({ ok: true });
    expect(api.paths()).toEqual(['/a', '/login', '/a']);
  });

  test('leaves the slot in the worker for a long wait, and not for a short one', async () => {
    api.answers = { '/a': [json({}, 500), json({}, 500), json({})] };
    let left = 0;
    const retries = (waitMs: number) => planOf([stepTo('/a', [{ do: 'retry', waitMs }])], {}, arazzo());
    await runTool(retries(900), { onLeaveSlot: () => (left += 1) });
    expect(left).toBe(0);
    api.answers = { '/a': [json({}, 500), json({})] };
    await runTool(retries(20_000), { onLeaveSlot: () => (left += 1) });
    expect(left).toBe(1);
  });
});

describe('steps that run at the same time', () => {
  test('all are in progress before any is answered, and later steps see all of them', async () => {
    const waiting: (() => void)[] = [];
    const meet: ScriptedResponse = (request, response) => {
      waiting.push(() => json({ path: request.url ?? '' })(request, response));
      if (waiting.length === 3) for (const answer of waiting.reverse()) answer();
    };
    api.answers = { '/a': [meet], '/b': [meet], '/c': [meet] };
    const steps = [
      stepTo('/a'),
      { ...stepTo('/b'), isParallel: true as const },
      { ...stepTo('/c'), isParallel: true as const },
      stepTo('/d'),
    ];
    const reported: string[] = [];
    const outcome = await runTool(
      planOf(
        steps,
        Object.fromEntries(['a', 'b', 'c', 'd'].map((id) => [id, `$steps.${id}.response.body.path`])),
        arazzo(),
      ),
      {
        events: { progress: true },
        reported: { push: (event: { message?: string }) => reported.push(event.message ?? '') } as never,
      },
    );
    expect(outcome).toEqual(done({ a: '/a', b: '/b', c: '/c', d: '/d' }));
    expect(reported).toEqual(['Step a', 'Step b', 'Step c', 'Step d']);
  });

  test.each(['/a', '/b'])('have the same effects when %s is answered last', async (last) => {
    const statuses: Record<string, number> = { '/a': 200, '/b': 201 };
    const waiting = new Map<string, { send(): void; response: ServerResponse }>();
    const meet: ScriptedResponse = (request, response) => {
      const url = request.url ?? '';
      waiting.set(url, { send: () => json({ url }, statuses[url])(request, response), response });
      if (waiting.size < 2) return;
      const quick = waiting.get(last === '/a' ? '/b' : '/a');
      quick?.response.on('finish', () => waiting.get(last)?.send());
      quick?.send();
    };
    api.answers = { '/a': [meet], '/b': [meet] };
    const workflows = [workflowOf('child', [stepTo('/a'), { ...stepTo('/b'), isParallel: true }])];
    const plan = planOf([{ id: 's', call: { workflowIndex: 0 } }], { status: '$statusCode' }, arazzo({ workflows }));
    expect(await runTool(plan)).toEqual(done({ status: 201 }));
  });

  test('fail with the first failure in document order, after all have ended', async () => {
    api.answers = { '/a': [json({}, 500)], '/b': [json({}, 404)] };
    const steps = [
      { ...stepTo('/x'), url: api.at('/x') },
      { ...stepTo('/a'), isParallel: true as const },
      { ...stepTo('/b'), isParallel: true as const },
      stepTo('/never'),
    ];
    expect(await runTool(planOf(steps, {}, arazzo()))).toMatchObject({
      ok: false,
      error: { stepId: 'a', status: 500 },
    });
    expect(api.paths().toSorted()).toEqual(['/a', '/b', '/x']);
  });
});

describe('outputs', () => {
  test.each([
    ['succeeded', 200],
    ['failed as well', 500],
  ])('of a step are those of its last try, even if that %s', async (_name, status) => {
    api.answers = { '/a': [json({ n: 1 }, 500), json({ n: 2 }, status)] };
    const actions: ActionText[] = [{ do: 'retry', retriesMax: 1 }, { do: 'end' }];
    const step = { ...stepTo('/a', actions), outputs: { n: '$response.body.n' } };
    expect(await runTool(planOf([step], { n: '$steps.a.outputs.n' }, arazzo()))).toEqual(done({ n: 2 }));
  });

  test('may be an expression, text, text with expressions in it, and the result of a Selector', async () => {
    api.answers = { '/a': [json({ list: [{ id: 1 }, { id: 2 }] })] };
    const body = { kind: 'reference' as const, path: ['response', 'body', 'list'] };
    const select = { kind: 'select' as const, from: body, query: { language: 'jsonpath' as const, text: '$[*].id' } };
    const step = {
      ...stepTo('/a'),
      outputs: { one: '$response.body.list.0.id', text: 'as it is', mixed: 'n $statusCode' },
    };
    const plan = planOf([step], {}, arazzo());
    plan.steps[0]?.outputs.push(['all', select]);
    const outputs = { kind: 'reference' as const, path: ['steps', 'a', 'outputs'] };
    expect(await runTool({ ...plan, outputs: [['all', outputs]] })).toEqual(
      done({ all: { one: 1, text: 'as it is', mixed: 'n 200', all: [1, 2] } }),
    );
  });

  test('above their limit are an error, and are not truncated', async () => {
    api.answers = { '/a': [json({ text: 'x'.repeat(500) })] };
    const plan = planOf([stepTo('/a')], { text: '$steps.a.response.body.text' }, arazzo({ outputBytesMax: 100 }));
    expect(await runTool(plan)).toMatchObject({ ok: false, outcome: 'done', error: { code: 'output_too_large' } });
  });

  test('that refer to nothing are left out, and null is kept', async () => {
    api.answers = { '/a': [json({ nothing: null })] };
    const outputs = { nothing: '$steps.a.response.body.nothing', missing: '$steps.a.response.body.missing' };
    expect(await runTool(planOf([stepTo('/a')], outputs, arazzo()))).toEqual(done({ nothing: null }));
  });

  test('that are available are computed by end', async () => {
    const steps = [{ ...stepTo('/a'), actions: [{ do: 'end' as const }] }, stepTo('/b')];
    const outputs = { a: '$steps.a.response.body.path', b: '$steps.b.response.body.path' };
    expect(await runTool(planOf(steps, outputs, arazzo()))).toEqual(done({ a: '/a' }));
  });

  test('of a step that a goto repeats are those of the last run', async () => {
    api.answers = { '/a': [json({ n: 1 }), json({ n: 2 })] };
    const step = {
      ...stepTo('/a'),
      outputs: { n: '$response.body.n' },
      actions: [{ do: 'goto' as const, when: '$response.body.n == 1', stepIndex: 0 }, { do: 'next' as const }],
    };
    expect(await runTool(planOf([step], { n: '$steps.a.outputs.n' }, arazzo()))).toEqual(done({ n: 2 }));
  });
});

test('a cancellation ends a wait at once', async () => {
  api.answers = { '/a': [json({}, 500)] };
  const controller = new AbortController();
  const clock = {
    ...fakeClock(),
    async wait(_ms: number, signal: AbortSignal) {
      controller.abort(new AppError('cancelled', 'The caller cancelled'));
      signal.throwIfAborted();
    },
  };
  const plan = planOf([stepTo('/a', [{ do: 'retry', waitMs: 60_000 }])], {}, arazzo());
  expect(await runTool(plan, { clock, signal: controller.signal })).toMatchObject({
    ok: false,
    outcome: 'done',
    error: { code: 'cancelled' },
  });
  expect(api.paths()).toEqual(['/a']);
});
