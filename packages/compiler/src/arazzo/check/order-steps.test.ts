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

describe('steps run in the order of the document', () => {
  test('if no step depends on a later one', () => {
    expect(orderOf([step('c'), step('a'), step('b', 'c')]).ids).toBe('c a b');
  });

  test('but after what they depend on, declared or not', () => {
    expect(orderOf([step('a', 'c'), step('b'), step('c')]).ids).toBe('b c a');
    expect(orderOf([step('a'), step('b'), step('c')], { a: ['c'] }).ids).toBe('b c a');
    expect(orderOf([step('a', 'c'), step('b', 'a'), step('c')], { c: ['d'] }).ids).toBe('c a b');
  });

  test('regardless of steps in other workflows', () => {
    expect(orderOf([step('a', '$workflows.other.steps.b'), step('b')]).ids).toBe('a b');
  });

  test('a step of the same workflow may be named in full', () => {
    expect(orderOf([step('a', '$workflows.main.steps.b'), step('b')]).ids).toBe('b a');
  });

  test('and keep it if there is a cycle, which is reported', () => {
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

  test('while a declared cycle is reported by the check, not here', () => {
    expect(orderOf([step('a', 'b'), step('b', 'a')]).problems).toEqual([]);
  });
});
