import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@toolplane/contracts';
import { compile, type Example } from './compile.example.ts';

const read = (stepId: string, more: JsonObject = {}) => ({ stepId, operationId: 'read', ...more });

const sub = { workflowId: 'sub', description: 'Reads what it is given.', steps: [read('a')] };

describe('steps run at the same time', () => {
  const parallel = (example: Example) => compile(example).plan.steps.map(({ isParallel = false }) => isParallel);
  const workflow = { 'x-parallel': true };
  const taking = (stepId: string, id: string) =>
    read(stepId, { parameters: [{ name: 'Authorization', in: 'header', value: `$steps.${id}.outputs.x` }] });
  const giving = (stepId: string) => read(stepId, { outputs: { x: '$statusCode' } });

  test('only when they ask for it', () => {
    const steps = [read('a'), read('b'), read('c')];
    expect(parallel({ steps })).toEqual([false, false, false]);
    expect(parallel({ steps, workflow })).toEqual([false, true, true]);
  });

  test('only when neither needs the other', () => {
    expect(parallel({ steps: [giving('a'), read('b'), taking('c', 'a'), read('d')], workflow })).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  test.each<[string, Example]>([
    [
      'in a query',
      { steps: [giving('a'), read('b', { parameters: [{ name: 'q', in: 'query', value: '$steps.a.x' }] })] },
    ],
    [
      'in a criterion',
      { steps: [giving('a'), read('b', { successCriteria: [{ condition: '$statusCode == $steps.a.outputs.x' }] })] },
    ],
    ['in an output', { steps: [giving('a'), read('b', { outputs: { y: '$steps.a.outputs.x' } })] }],
    [
      'in a parameter of the workflow',
      {
        steps: [giving('a'), read('b')],
        workflow: { parameters: [{ name: 'Authorization', in: 'header', value: 'Bearer {$steps.a.outputs.x}' }] },
      },
    ],
    [
      'in the target of a replacement',
      {
        steps: [
          giving('a'),
          read('b', {
            operationId: 'write',
            requestBody: {
              contentType: 'application/json',
              payload: { k: 1 },
              replacements: [{ target: '/{$steps.a.outputs.x}', value: 2 }],
            },
          }),
        ],
      },
    ],
  ])('never with the step whose value they use %s', (_, example) => {
    const { plan } = compile({ ...example, workflow: { ...example.workflow, ...workflow } });
    expect(plan.steps.map(({ id, isParallel = false }) => [id, isParallel])).toEqual([
      ['a', false],
      ['b', false],
    ]);
  });

  test('when they depend on the same step', () => {
    const steps = [
      read('a'),
      read('b', { dependsOn: ['a'] }),
      read('c', { dependsOn: ['a'] }),
      read('d', { dependsOn: ['b', 'c'] }),
    ];
    expect(parallel({ steps })).toEqual([false, false, true, false]);
  });

  test('only without actions, their own or those of the workflow', () => {
    const onFailure = [{ name: 'again', type: 'retry' }];
    expect(parallel({ steps: [read('a'), read('b', { onFailure }), read('c'), read('d')], workflow })).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(parallel({ steps: [read('a'), read('b')], workflow: { ...workflow, failureActions: onFailure } })).toEqual([
      false,
      false,
    ]);
  });

  test('only when they are requests', () => {
    const steps = [read('a'), { stepId: 'b', workflowId: 'sub' }, read('c')];
    expect(parallel({ steps, workflow, workflows: [sub] })).toEqual([false, false, false]);
  });
});
