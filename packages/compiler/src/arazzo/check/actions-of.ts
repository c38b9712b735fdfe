import type { Action, Settings, Step, Workflow } from '../model.ts';

/**
 * Returns the actions of a step: its own, followed by the actions of its workflow whose names the step does not use.
 */
export function actionsOf(
  { onSuccess, onFailure }: Step,
  { successActions, failureActions }: Workflow,
  { actionInheritance }: Settings,
): { onSuccess: Action[]; onFailure: Action[] } {
  const combine = actionInheritance === 'merge' ? merge : replace;
  return { onSuccess: combine(onSuccess, successActions), onFailure: combine(onFailure, failureActions) };
}

function merge(own: Action[] = [], inherited: Action[]): Action[] {
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...inherited.filter(({ name }) => !names.has(name))];
}

function replace(own: Action[] | undefined, inherited: Action[]): Action[] {
  return own ?? inherited;
}
