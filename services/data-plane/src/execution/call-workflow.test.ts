import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Json, JsonObject, Plan } from '@toolplane/contracts';
import { type ActionText, callOf, planOf, workflowOf } from '../../test/plan.ts';
import { internalErrors, runTool } from '../../test/run-tool.ts';
import { type ScriptedApi, startScriptedApi } from '../../test/scripted-api.ts';
import { json } from '../../test/upstream.ts';

let api: ScriptedApi;
beforeAll(async () => {
  api = await startScriptedApi();
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
afterEach(() => {
  api.reset();
  expect(internalErrors).toEqual([]);
});

const done = (value: Json) => ({ ok: true, outcome: 'done', value });
const arazzo = (rest: Partial<Plan> = {}): Partial<Plan> => ({ semantics: 'arazzo', ...rest });

/** A step that succeeds with a 2xx. */
function stepTo(path: string, onFailure: ActionText[] = []) {
  const succeeds = '$statusCode >= 200 && $statusCode < 300';
  return { id: path.slice(1), url: api.at(path), failure: { succeeds, actions: onFailure } };
}

describe('a workflow that a step calls', () => {
  const orderInputs: JsonObject = {
    type: 'object',
    properties: { pet: { type: 'integer' }, quantity: { type: 'integer', default: 1 } },
    required: ['pet'],
  };
  const order = (failure: ActionText[] = []) =>
    workflowOf(
      'order',
      [{ ...stepTo('/orders', failure), method: 'POST', body: { pet: '$inputs.pet', quantity: '$inputs.quantity' } }],
      { id: '$steps.orders.response.body.id' },
      { inputSchema: orderInputs },
    );
  const calling = (inputs: Record<string, Json>) => ({
    ...{ id: 'order', call: { workflowIndex: 0, inputs } },
    failure: { succeeds: 'true', actions: [] },
  });

  test('149, 151: gets its inputs with defaults, and its outputs are those of the step', async () => {
    api.answers = { '/orders': [json({ id: 'o-1' })] };
    const plan = planOf(
      [calling({ pet: '$inputs.pet' })],
      { id: '$steps.order.outputs.id' },
      arazzo({ workflows: [order()] }),
    );
    expect(await runTool(plan, { inputs: { pet: 7 } })).toEqual(done({ id: 'o-1' }));
    expect(api.seen[0]?.body).toBe('{"pet":7,"quantity":1}');
  });

  test('149: inputs that its schema refuses are a failure of the step, which names them and no value', async () => {
    const plan = planOf([calling({ pet: 'canary' })], {}, arazzo({ workflows: [order()] }));
    const outcome = await runTool(plan);
    expect(outcome).toMatchObject({
      ok: false,
      outcome: 'not_started',
      error: { code: 'step_failed', stepId: 'order' },
    });
    expect(JSON.stringify(outcome)).toContain('order are not valid: pet');
    expect(JSON.stringify(outcome)).not.toContain('canary');
  });

  test('150: its failure is one of the step, and names the step inside', async () => {
    api.answers = { '/orders': [json({}, 500)] };
    const plan = planOf([calling({ pet: 1 })], {}, arazzo({ workflows: [order()] }));
    expect(await runTool(plan)).toMatchObject({
      ok: false,
      error: { code: 'step_failed', stepId: 'order/orders', status: 500 },
    });
  });

  test('150: the step can deal with its failure', async () => {
    api.answers = { '/orders': [json({}, 500)] };
    const step = {
      ...calling({ pet: 1 }),
      failure: { succeeds: 'true', actions: [{ do: 'goto' as const, stepIndex: 1 }] },
    };
    expect(await runTool(planOf([step, stepTo('/b')], {}, arazzo({ workflows: [order()] })))).toMatchObject({
      ok: true,
    });
    expect(api.paths()).toEqual(['/orders', '/b']);
  });

  test('the criteria of the step see the status of its last answer, and nothing else of it', async () => {
    api.answers = { '/orders': [json({ id: 'canary' }, 201)] };
    const step = { ...calling({ pet: 1 }), failure: { succeeds: '$statusCode == 201', actions: [] } };
    const seen = { body: '$steps.order.response.body', outputs: '$steps.order.outputs' };
    expect(await runTool(planOf([step], seen, arazzo({ workflows: [order()] })))).toEqual(
      done({ outputs: { id: 'canary' } }),
    );
  });

  test('76: it has inputs and steps of its own', async () => {
    const plan = planOf(
      [stepTo('/a'), calling({ pet: 1 })],
      {},
      arazzo({
        workflows: [
          workflowOf('order', [
            {
              id: 'x',
              url: api.at('/x'),
              query: { a: '$steps.a.response.status', mine: '$inputs.mine', pet: '$inputs.pet' },
            },
          ]),
        ],
      }),
    );
    await runTool(plan, { inputs: { mine: 'yes' } });
    expect(api.paths()).toEqual(['/a', '/x?pet=1']);
  });

  test('155: one that calls itself ends at the depth limit', async () => {
    const workflows = [workflowOf('loop', [{ id: 'again', call: { workflowIndex: 0 } }])];
    const outcome = await runTool(planOf([{ id: 'start', call: { workflowIndex: 0 } }], {}, arazzo({ workflows })));
    expect(outcome).toMatchObject({ ok: false, outcome: 'not_started', error: { code: 'loop_limit' } });
  });

  test('132, 10: going to one is for good: later steps are not run, and its outputs are the result', async () => {
    api.answers = { '/orders': [json({ id: 'o-2' })] };
    const step = {
      ...stepTo('/a'),
      actions: [{ do: 'transfer' as const, to: { workflowIndex: 0, inputs: { pet: 2 } } }],
    };
    const plan = planOf([step, stepTo('/b')], { never: '$steps.a.response.status' }, arazzo({ workflows: [order()] }));
    expect(await runTool(plan)).toEqual(done({ id: 'o-2' }));
    expect(api.paths()).toEqual(['/a', '/orders']);
  });

  test('going to each other ends at the limit of steps', async () => {
    const goes = { actions: [{ do: 'transfer' as const, to: { workflowIndex: 0 } }] };
    const workflows = [workflowOf('w', [{ ...stepTo('/x'), ...goes }])];
    const outcome = await runTool(planOf([{ ...stepTo('/a'), ...goes }], {}, arazzo({ workflows, stepsRunMax: 50 })));
    expect(outcome).toMatchObject({ ok: false, error: { code: 'loop_limit' } });
    expect(api.paths()).toHaveLength(50);
  });

  test('158: steps of all workflows count together', async () => {
    const workflows = [workflowOf('w', [stepTo('/x'), stepTo('/y')])];
    const steps = [
      { id: 'one', call: { workflowIndex: 0 } },
      { id: 'two', call: { workflowIndex: 0 } },
    ];
    const outcome = await runTool(planOf(steps, {}, arazzo({ workflows, stepsRunMax: 5 })));
    expect(outcome).toMatchObject({ ok: false, error: { code: 'loop_limit' } });
    expect(api.paths()).toEqual(['/x', '/y', '/x']);
  });
});

describe('dependencies', () => {
  test('152: workflows run first, in order, once per call', async () => {
    const workflows = [
      workflowOf('base', [stepTo('/base')], { token: '$steps.base.response.body.path' }),
      workflowOf('left', [stepTo('/left')], {}, { dependsOn: [{ workflowIndex: 0 }] }),
      workflowOf('right', [stepTo('/right')], {}, { dependsOn: [{ workflowIndex: 0 }] }),
    ];
    const dependsOn = [callOf({ workflowIndex: 1 }), callOf({ workflowIndex: 2 })];
    const plan = planOf([stepTo('/main')], {}, arazzo({ workflows, dependsOn }));
    const token = { kind: 'reference' as const, path: ['workflows', '0', 'outputs', 'token'] };
    expect(await runTool({ ...plan, outputs: [['token', token]] })).toEqual(done({ token: '/base' }));
    expect(api.paths()).toEqual(['/base', '/left', '/right', '/main']);
  });

  test('152: a failure fails the run before any step', async () => {
    api.answers = { '/base': [json({}, 500)] };
    const workflows = [workflowOf('base', [stepTo('/base')])];
    const plan = planOf([stepTo('/main')], {}, arazzo({ workflows, dependsOn: [callOf({ workflowIndex: 0 })] }));
    expect(await runTool(plan)).toMatchObject({ ok: false, error: { code: 'step_failed', stepId: 'base/base' } });
    expect(api.paths()).toEqual(['/base']);
  });

  test('156: a step that a goto has skipped is missed by the one that depends on it', async () => {
    const steps = [
      { ...stepTo('/a'), actions: [{ do: 'goto' as const, stepIndex: 2 }] },
      stepTo('/b'),
      { ...stepTo('/c'), dependsOn: [1] },
    ];
    expect(await runTool(planOf(steps, {}, arazzo()))).toMatchObject({
      ok: false,
      error: { code: 'step_failed', stepId: 'c', message: expect.stringContaining('step b') },
    });
  });
});
