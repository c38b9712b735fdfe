import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@toolplane/contracts';
import { codesOf, compile } from './compile.example.ts';

const read = (stepId: string, more: JsonObject = {}) => ({ stepId, operationId: 'read', ...more });

const sub = { workflowId: 'sub', description: 'Reads what it is given.', steps: [read('a')] };

describe('steps that depend on others', () => {
  test('run after them and fail without them', () => {
    const steps = [read('c', { dependsOn: ['b'] }), read('a'), read('b', { dependsOn: ['a'] })];
    const { plan } = compile({ steps });
    expect(plan.steps.map(({ id, dependsOn }) => [id, dependsOn])).toEqual([
      ['a', undefined],
      ['b', [0]],
      ['c', [1]],
    ]);
  });

  test('also run after those whose values they use, wherever they use them', () => {
    const condition = '$statusCode == $steps.a.token';
    const steps = [
      read('b', { successCriteria: [{ condition }] }),
      read('a', { outputs: { token: '$statusCode' } }),
      read('c', { dependsOn: ['a'] }),
    ];
    expect(compile({ steps }).plan.steps.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  test('keep their place if they use what a later one gave before a jump back', () => {
    const back = { name: 'back', type: 'goto', stepId: 'a', criteria: [{ condition: '$statusCode == 202' }] };
    const steps = [
      read('a', { parameters: [{ name: 'Accept', in: 'header', value: '$steps.b.outputs.x' }] }),
      read('b', { dependsOn: ['a'], outputs: { x: '$statusCode' }, onSuccess: [back] }),
    ];
    expect(compile({ steps }).plan.steps.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('do not wait for steps of other workflows', () => {
    const steps = [read('a', { dependsOn: ['$workflows.sub.steps.a'] })];
    expect(codesOf({ steps, workflows: [sub] })).toEqual(['warning dependency_elsewhere']);
    expect(compile({ steps, workflows: [sub] }).plan.steps[0]).not.toHaveProperty('dependsOn');
  });

  test('wait for a step of their own workflow that is named in full, which is reported', () => {
    const steps = [read('a', { dependsOn: ['$workflows.main.steps.b', 'b'] }), read('b')];
    expect(codesOf({ steps })).toEqual(['warning lenient_target']);
    const { plan } = compile({ steps });
    expect(plan.steps.map(({ id, dependsOn }) => [id, dependsOn])).toEqual([
      ['b', undefined],
      ['a', [0]],
    ]);
    const cycle = [read('a', { dependsOn: ['$workflows.main.steps.a'] })];
    expect(codesOf({ steps: cycle })).toContain('error dependency_cycle');
  });

  test('jump to the intended step, wherever it is after sorting', () => {
    const back = { name: 'back', type: 'goto', stepId: 'a', criteria: [{ condition: '$statusCode == 202' }] };
    const steps = [read('c', { dependsOn: ['a'], onSuccess: [back] }), read('a')];
    expect(compile({ steps }).plan.steps[1]?.actions[0]).toMatchObject({ do: 'goto', stepIndex: 0 });
  });
});
