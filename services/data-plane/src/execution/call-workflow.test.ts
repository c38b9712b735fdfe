import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject, Plan } from '@toolplane/contracts';
import { type ActionText, callOf, planOf, workflowOf } from '../../test/plan.ts';
import { runTool } from '../../test/run-tool.ts';
import { useScriptedApi } from '../../test/scripted-api.ts';
import { json } from '../../test/upstream.ts';

const api = useScriptedApi();

const done = (value: Json) => ({ ok: true, outcome: 'done', value });
const arazzo = (rest: Partial<Plan> = {}): Partial<Plan> => ({ semantics: 'arazzo', ...rest });

/** A step that succeeds with a 2xx status. */
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
    id: 'order',
    call: { workflowIndex: 0, inputs },
    failure: { succeeds: 'true', actions: [] },
  });

  test('gets its inputs with defaults, and its outputs become those of the step', async () => {
    api.answers = { '/orders': [json({ id: 'o-1' })] };
    const plan = planOf(
      [calling({ pet: '$inputs.pet' })],
      { id: '$steps.order.outputs.id' },
      arazzo({ workflows: [order()] }),
    );
    expect(await runTool(plan, { inputs: { pet: 7 } })).toEqual(done({ id: 'o-1' }));
    expect(api.seen[0]?.body).toBe('{"pet":7,"quantity":1}');
  });

  test('inputs that its schema refuses fail the step, and the error names them but no value', async () => {
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

  test('its failure is a failure of the step, and names the step inside', async () => {
    api.answers = { '/orders': [json({}, 500)] };
    const plan = planOf([calling({ pet: 1 })], {}, arazzo({ workflows: [order()] }));
    expect(await runTool(plan)).toMatchObject({
      ok: false,
      error: { code: 'step_failed', stepId: 'order/orders', status: 500 },
    });
  });

  test('the step can handle its failure', async () => {
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

  test('the failure rules see the status of the inner step that failed', async () => {
    api.answers = { '/orders': [json({}, 500), json({}, 503), json({ id: 'o-3' })] };
    const actions = [500, 503].map((status) => ({ do: 'retry' as const, when: `$statusCode == ${status}` }));
    const step = { ...calling({ pet: 1 }), failure: { succeeds: 'true', actions } };
    const plan = planOf([step], { id: '$steps.order.outputs.id' }, arazzo({ workflows: [order()] }));
    expect(await runTool(plan)).toEqual(done({ id: 'o-3' }));
  });

  test('the criteria of the step see the status of its last answer, and nothing else of it', async () => {
    api.answers = { '/orders': [json({ id: 'canary' }, 201)] };
    const step = { ...calling({ pet: 1 }), failure: { succeeds: '$statusCode == 201', actions: [] } };
    const seen = { body: '$steps.order.response.body', outputs: '$steps.order.outputs' };
    expect(await runTool(planOf([step], seen, arazzo({ workflows: [order()] })))).toEqual(
      done({ outputs: { id: 'canary' } }),
    );
  });

  test('it has its own inputs and steps', async () => {
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

  test('a workflow that calls itself ends at the depth limit', async () => {
    const workflows = [workflowOf('loop', [{ id: 'again', call: { workflowIndex: 0 } }])];
    const outcome = await runTool(planOf([{ id: 'start', call: { workflowIndex: 0 } }], {}, arazzo({ workflows })));
    expect(outcome).toMatchObject({ ok: false, outcome: 'not_started', error: { code: 'loop_limit' } });
  });

  test('a goto to one is final: later steps do not run, and its outputs are the result', async () => {
    api.answers = { '/orders': [json({ id: 'o-2' })] };
    const step = {
      ...stepTo('/a'),
      actions: [{ do: 'transfer' as const, to: { workflowIndex: 0, inputs: { pet: 2 } } }],
    };
    const plan = planOf([step, stepTo('/b')], { never: '$steps.a.response.status' }, arazzo({ workflows: [order()] }));
    expect(await runTool(plan)).toEqual(done({ id: 'o-2' }));
    expect(api.paths()).toEqual(['/a', '/orders']);
  });

  test('workflows that go to each other end at the limit of steps', async () => {
    const goes = { actions: [{ do: 'transfer' as const, to: { workflowIndex: 0 } }] };
    const workflows = [workflowOf('w', [{ ...stepTo('/x'), ...goes }])];
    const outcome = await runTool(planOf([{ ...stepTo('/a'), ...goes }], {}, arazzo({ workflows, stepsRunMax: 50 })));
    expect(outcome).toMatchObject({ ok: false, error: { code: 'loop_limit' } });
    expect(api.paths()).toHaveLength(50);
  });

  test('the steps of all workflows count together', async () => {
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

describe('the inputs of a workflow', () => {
  const echo = () =>
    workflowOf('echo', [{ id: 'e', url: api.at('/e') }], {
      status: '$inputs.status',
      body: '$inputs.body',
      child: '$inputs.child',
    });

  test('see nothing of an earlier step after a failure without an answer', async () => {
    api.answers = { '/lost': [(request) => request.socket.destroy()] };
    const inputs = { status: '$statusCode', body: '$response.body' };
    const lost = stepTo('/lost', [{ do: 'transfer', to: { workflowIndex: 0, inputs } }]);
    const plan = planOf([stepTo('/a'), lost], {}, arazzo({ workflows: [echo()] }));
    expect(await runTool(plan)).toEqual(done({}));
  });

  test('see the outputs of the workflow that the step called', async () => {
    const workflows = [echo(), workflowOf('child', [stepTo('/c')], { v: '$steps.c.response.body.path' })];
    const child = { kind: 'reference' as const, path: ['child', 'v'] };
    const to = { workflowIndex: 0, inputs: [['child', child]] as [string, typeof child][] };
    const plan = planOf([{ id: 's', call: { workflowIndex: 1 } }], {}, arazzo({ workflows }));
    plan.steps[0]?.actions.push({ do: 'transfer', to });
    expect(await runTool(plan)).toEqual(done({ child: '/c' }));
  });

  test('have a limit, and together they count as kept data', async () => {
    const big = 'x'.repeat(900_000);
    const workflows = Array.from({ length: 30 }, (_, index) => workflowOf(`w${index}`, [stepTo('/x')]));
    const steps = workflows.map((_, workflowIndex) => ({
      id: `s${workflowIndex}`,
      call: { workflowIndex, inputs: { big: '$inputs.big', more: 'and $inputs.big' } },
    }));
    const outcome = await runTool(planOf(steps, {}, arazzo({ workflows })), { inputs: { big } });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'response_too_large' } });
    expect(api.paths().length).toBeLessThan(15);
    const twice = [{ id: 's', call: { workflowIndex: 0, inputs: { big: '$inputs.big $inputs.big' } } }];
    expect(await runTool(planOf(twice, {}, arazzo({ workflows })), { inputs: { big } })).toMatchObject({
      ok: false,
      error: { code: 'expression_failed' },
    });
  });

  test('the timeout of the step covers the whole workflow, and its expiry can be handled', async () => {
    api.answers = { '/slow': [() => {}] };
    const workflows = [workflowOf('slow', [stepTo('/quick'), stepTo('/slow')])];
    const failure = { succeeds: 'true', actions: [{ do: 'goto' as const, stepIndex: 1 }] };
    const step = { id: 's', call: { workflowIndex: 0 }, timeoutMs: 100, failure };
    const outcome = await runTool(
      planOf([step, stepTo('/b')], { b: '$steps.b.response.status' }, arazzo({ workflows })),
    );
    expect(outcome).toEqual(done({ b: 200 }));
  });

  test('outputs of a workflow reached by a goto in a called one are available under its own name', async () => {
    const workflows = [
      workflowOf('first', [{ ...stepTo('/f'), actions: [{ do: 'transfer', to: { workflowIndex: 1 } }] }]),
      workflowOf('second', [stepTo('/s')], { path: '$steps.s.response.body.path' }),
    ];
    const plan = planOf([{ id: 's', call: { workflowIndex: 0 } }], {}, arazzo({ workflows }));
    const output = (index: string) => ({ kind: 'reference' as const, path: ['workflows', index, 'outputs', 'path'] });
    expect(await runTool({ ...plan, outputs: ['0', '1'].map((index) => [`w${index}`, output(index)]) })).toEqual(
      done({ w0: '/s', w1: '/s' }),
    );
  });
});

describe('dependencies', () => {
  test('workflows run first, in order, once per call', async () => {
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

  test('a failed dependency fails the run before any step', async () => {
    api.answers = { '/base': [json({}, 500)] };
    const workflows = [workflowOf('base', [stepTo('/base')])];
    const plan = planOf([stepTo('/main')], {}, arazzo({ workflows, dependsOn: [callOf({ workflowIndex: 0 })] }));
    expect(await runTool(plan)).toMatchObject({ ok: false, error: { code: 'step_failed', stepId: 'base/base' } });
    expect(api.paths()).toEqual(['/base']);
  });

  test('a failed dependency runs again when the step that needed it is retried', async () => {
    api.answers = { '/dep': [json({}, 500), json({ ok: true })] };
    const workflows = [
      workflowOf('dep', [stepTo('/dep')]),
      workflowOf('w', [stepTo('/w')], {}, { dependsOn: [{ workflowIndex: 0 }] }),
    ];
    const failure = { succeeds: 'true', actions: [{ do: 'retry' as const }] };
    const step = { id: 's', call: { workflowIndex: 1 }, failure };
    expect(await runTool(planOf([step], {}, arazzo({ workflows })))).toMatchObject({ ok: true });
    expect(api.paths()).toEqual(['/dep', '/dep', '/w']);
  });

  test('a dependency on a step that a goto skipped is not met', async () => {
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
