import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@toolplane/contracts';
import { exampleStep, read, withWorkflow } from '../read/read.example.ts';
import { actionsOf } from './actions-of.ts';

const action = (name: string) => ({ name, type: 'end' });

function namesOf(step: JsonObject, actionInheritance: 'merge' | 'replace'): string[][] {
  const inherited = { successActions: [action('a'), action('b')], failureActions: [action('c')] };
  const { document } = read(
    withWorkflow({ ...inherited, steps: [{ ...exampleStep, ...step }] }, { 'x-settings': { actionInheritance } }),
  );
  const [workflow] = document?.workflows ?? [];
  const [first] = workflow?.steps ?? [];
  if (document === undefined || workflow === undefined || first === undefined) return [];
  const { onSuccess, onFailure } = actionsOf(first, workflow, document.settings);
  return [onSuccess, onFailure].map((actions) => actions.map(({ name }) => name));
}

describe('the actions of a workflow', () => {
  test('come after those of a step, except those of the same name', () => {
    expect(namesOf({ onSuccess: [action('b'), action('d')] }, 'merge')).toEqual([['b', 'd', 'a'], ['c']]);
    expect(namesOf({ onSuccess: [], onFailure: [action('e')] }, 'merge')).toEqual([
      ['a', 'b'],
      ['e', 'c'],
    ]);
  });

  test('are replaced by any list of a step, if the document says so', () => {
    expect(namesOf({ onSuccess: [action('d')] }, 'replace')).toEqual([['d'], ['c']]);
    expect(namesOf({ onSuccess: [], onFailure: [action('e')] }, 'replace')).toEqual([[], ['e']]);
  });
});
