import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject, PlanAction } from '@toolplane/contracts';
import { codesOf, compile, type Example, stepOf } from './compile.example.ts';

const when = {
  kind: 'simple',
  of: {
    kind: 'compare',
    operator: '==',
    left: { kind: 'reference', path: ['response', 'status'] },
    right: { kind: 'literal', value: 202 },
  },
};
const criteria = [{ condition: '$statusCode == 202' }];

/** Returns three steps, the second of which has these actions. */
function example(actions: { onSuccess?: Json[]; onFailure?: Json[] }, more: Example = {}): Example {
  return {
    steps: [
      { stepId: 'a', operationId: 'read' },
      { stepId: 'b', operationId: 'read', outputs: { id: '$response.body#/id' }, ...actions },
      { stepId: 'c', operationId: 'read' },
    ],
    ...more,
  };
}

const after = (onSuccess: Json[], more?: Example) => stepOf(example({ onSuccess }, more), 1).actions;
const afterFailure = (onFailure: Json[], more?: Example): PlanAction[] =>
  stepOf(example({ onFailure }, more), 1).failure?.actions ?? [];

describe('after a success', () => {
  test('without actions, the next step follows', () => {
    expect(compile(example({})).plan.steps.map(({ id, actions }) => [id, actions])).toEqual([
      ['a', []],
      ['b', []],
      ['c', []],
    ]);
  });

  test('actions are checked in order, then the next step follows', () => {
    const onSuccess = [
      { name: 'done', type: 'end', criteria },
      { name: 'again', type: 'goto', stepId: 'a', criteria },
    ];
    expect(after(onSuccess)).toEqual([{ do: 'end', when }, { do: 'goto', when, stepIndex: 0 }, { do: 'next' }]);
  });

  test('an end without criteria always ends', () => {
    expect(after([{ name: 'done', type: 'end' }])).toEqual([{ do: 'end' }]);
  });

  test('goto names a step before, a step after or the step itself', () => {
    const onSuccess = ['a', 'b', 'c'].map((stepId) => ({ name: stepId, type: 'goto', stepId, criteria }));
    expect(after(onSuccess).map((action) => ('stepIndex' in action ? action.stepIndex : undefined))).toEqual([
      0,
      1,
      2,
      undefined,
    ]);
  });

  const target = {
    workflowId: 'target',
    inputs: { type: 'object', properties: { id: {} } },
    steps: [{ stepId: 'a', operationId: 'read' }],
  };

  test('goto of a workflow does not return, and has the parameters of the action as inputs', () => {
    const go = {
      name: 'go',
      type: 'goto',
      workflowId: 'target',
      parameters: [{ name: 'id', value: '$response.body#/id' }],
    };
    const { plan } = compile(example({ onSuccess: [go] }, { workflows: [target] }));
    const inputs = [['id', { kind: 'reference', path: ['response', 'body', 'id'] }]];
    expect(plan.steps[1]?.actions).toEqual([{ do: 'transfer', to: { workflowIndex: 0, inputs } }]);
    expect(plan.workflows?.map(({ id }) => id)).toEqual(['target']);
  });

  test('the target workflow of a goto gets what it requires', () => {
    const required = { ...target, inputs: { ...target.inputs, required: ['id'] } };
    const go = { name: 'go', type: 'goto', workflowId: 'target' };
    expect(codesOf(example({ onSuccess: [go] }, { workflows: [required] }))).toContain('error missing_input');
    const fallback = { ...required, inputs: { ...required.inputs, properties: { id: { default: 1 } } } };
    expect(codesOf(example({ onSuccess: [go] }, { workflows: [fallback] }))).not.toContain('error missing_input');
  });
});

describe('after a failure', () => {
  test('without an action that matches, the workflow fails', () => {
    expect(afterFailure([])).toEqual([]);
    expect(afterFailure([{ name: 'done', type: 'goto', stepId: 'c', criteria }])).toEqual([
      { do: 'goto', when, stepIndex: 2 },
    ]);
  });

  test('an end makes the tool fail, unless endOnFailureIsError is off', () => {
    const end = [{ name: 'done', type: 'end' }];
    expect(afterFailure(end)).toEqual([{ do: 'fail' }]);
    expect(afterFailure(end, { root: { 'x-settings': { endOnFailureIsError: false } } })).toEqual([{ do: 'end' }]);
  });

  const retry = (more: JsonObject = {}, example?: Example) =>
    afterFailure([{ name: 'again', type: 'retry', ...more }], example);

  test('a retry without a limit is one more try, at once', () => {
    expect(retry()).toEqual([{ do: 'retry', waitMs: 0, retriesMax: 1, retryAfterMsMax: 60_000 }]);
  });

  test('a retry has its limit, and its wait in decimal seconds', () => {
    expect(retry({ retryLimit: 3, retryAfter: 0.25, criteria })).toEqual([
      { do: 'retry', when, waitMs: 250, retriesMax: 3, retryAfterMsMax: 60_000 },
    ]);
  });

  test('the wait that the upstream asks for counts up to retryAfterMax', () => {
    const root = { 'x-settings': { retryAfterMax: 2.5 } };
    expect(retry({}, { root })).toMatchObject([{ retryAfterMsMax: 2500 }]);
  });

  test('several retries stay separate', () => {
    const actions = [1, 2].map((limit) => ({ name: `r${limit}`, type: 'retry', retryLimit: limit, criteria }));
    expect(afterFailure(actions)).toMatchObject([{ retriesMax: 1 }, { retriesMax: 2 }]);
  });

  test('a retry first runs the step or workflow that it names, but not the step itself twice', () => {
    const login = { workflowId: 'login', steps: [{ stepId: 'a', operationId: 'write' }] };
    expect(retry({ stepId: 'a' })).toMatchObject([{ first: { stepIndex: 0 } }]);
    expect(retry({ workflowId: 'login' }, { workflows: [login] })).toMatchObject([
      { first: { workflowIndex: 0, inputs: [] } },
    ]);
    expect(retry({ stepId: 'b' })[0]).not.toHaveProperty('first');
  });
});

describe('actions of the workflow', () => {
  const ofWorkflow = {
    failureActions: [
      { name: 'again', type: 'retry', retryLimit: 5 },
      { name: 'leave', type: 'goto', stepId: 'c' },
    ],
    successActions: [{ name: 'done', type: 'end', criteria }],
  };

  test('come after those of the step, except those of the same name', () => {
    const own = [{ name: 'again', type: 'retry', retryLimit: 1 }];
    const { steps } = compile(example({ onFailure: own }, { workflow: ofWorkflow })).plan;
    expect(steps[1]?.failure?.actions).toMatchObject([{ retriesMax: 1 }, { do: 'goto' }]);
    expect(steps[0]?.failure?.actions).toMatchObject([{ retriesMax: 5 }, { do: 'goto' }]);
    expect(steps[1]?.actions).toEqual([{ do: 'end', when }, { do: 'next' }]);
  });

  test('are replaced as a whole if actionInheritance says so, even by an empty list', () => {
    const root = { 'x-settings': { actionInheritance: 'replace' } };
    const own = [{ name: 'other', type: 'retry', retryLimit: 1 }];
    const { steps } = compile(example({ onFailure: own, onSuccess: [] }, { workflow: ofWorkflow, root })).plan;
    expect(steps[1]?.failure?.actions).toMatchObject([{ retriesMax: 1 }]);
    expect(steps[1]?.actions).toEqual([]);
    expect(steps[0]?.failure?.actions).toHaveLength(2);
  });
});

test('criteria of actions see the response and the outputs of the step', () => {
  const onSuccess = [{ name: 'done', type: 'end', criteria: [{ condition: '$outputs.id == $response.body#/id' }] }];
  expect(after(onSuccess)[0]?.when).toMatchObject({
    of: { left: { path: ['outputs', 'id'] }, right: { path: ['response', 'body', 'id'] } },
  });
});
