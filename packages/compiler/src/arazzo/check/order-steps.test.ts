import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@toolplane/contracts';
import { exampleStep, read, withWorkflow } from '../read/read.example.ts';
import { orderSteps } from './order-steps.ts';

const step = (stepId: string, ...dependsOn: string[]): JsonObject => ({
  ...exampleStep,
  stepId,
  ...(dependsOn.length === 0 ? {} : { dependsOn }),
});

function orderOf(steps: JsonObject[], implicit: Record<string, string[]> = {}) {
  const { document, problems } = read(withWorkflow({ steps }));
  const [workflow] = document?.workflows ?? [];
  const order = workflow === undefined ? [] : orderSteps(workflow, ({ id }) => implicit[id] ?? []);
  return { ids: order.map(({ id }) => id).join(' '), problems: problems.toList() };
}

describe('156: steps run in the order of the document', () => {
  test('where nothing depends on a later one', () => {
    expect(orderOf([step('c'), step('a'), step('b', 'c')]).ids).toBe('c a b');
  });

  test('but behind what they depend on, said or not', () => {
    expect(orderOf([step('a', 'c'), step('b'), step('c')]).ids).toBe('b c a');
    expect(orderOf([step('a'), step('b'), step('c')], { a: ['c'] }).ids).toBe('b c a');
    expect(orderOf([step('a', 'c'), step('b', 'a'), step('c')], { c: ['d'] }).ids).toBe('c a b');
  });

  test('whatever stands in other workflows', () => {
    expect(orderOf([step('a', '$workflows.main.steps.b'), step('b')]).ids).toBe('a b');
  });

  test('with a cycle it stays, and the cycle is told', () => {
    const { ids, problems } = orderOf([step('a', 'b'), step('b'), step('c')], { b: ['a'] });
    expect(ids).toBe('a b c');
    expect(problems).toMatchObject([
      {
        code: 'dependency_cycle',
        message: 'Steps depend on each other: "a" → "b" → "a"',
        pointer: '/workflows/0/steps/0/dependsOn',
      },
    ]);
  });

  test('a cycle that the document says is told when it is checked, not here', () => {
    expect(orderOf([step('a', 'b'), step('b', 'a')]).problems).toEqual([]);
  });
});
