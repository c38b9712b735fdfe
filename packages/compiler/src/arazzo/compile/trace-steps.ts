import { type ControlFlow, type Exits, traceExits } from '../../control-flow/trace-exits.ts';
import type { Action } from '../model.ts';
import type { StepContext } from './context.ts';

/** Where a run of these steps can go, in their order. */
export function traceSteps(steps: StepContext[]): ControlFlow {
  const exits = steps.map((step) => exitsOf(step, steps));
  for (const { index, onFailure } of steps) {
    for (const action of onFailure) {
      // The step that a retry runs first is not followed by its own actions but by this step.
      const first = action.type === 'retry' ? indexOf(action, steps) : undefined;
      if (first === undefined) continue;
      exits[index]?.next.push(first);
      exits[first]?.next.push(index);
    }
  }
  return traceExits(exits);
}

function exitsOf({ index, onSuccess, onFailure }: StepContext, steps: StepContext[]): Exits {
  // A failure that no action deals with ends the run as well, which is no end that a loop can count on.
  const exits: Exits = { next: [], canEnd: false };
  for (const action of takeable(onSuccess)) follow(action);
  if (!onSuccess.some(isAlwaysTaken)) {
    if (index + 1 < steps.length) exits.next.push(index + 1);
    else exits.canEnd = true;
  }
  for (const action of takeable(onFailure)) follow(action);
  return exits;

  function follow(action: Action): void {
    if (action.type === 'retry') exits.next.push(index);
    else if (action.type === 'end' || action.workflowId !== undefined) exits.canEnd = true;
    else exits.next.push(indexOf(action, steps) ?? index);
  }
}

/** Nothing that stands after an action that is always taken is looked at. */
export function takeable(actions: Action[]): Action[] {
  const last = actions.findIndex(isAlwaysTaken);
  return last < 0 ? actions : actions.slice(0, last + 1);
}

/** A retry is passed once its tries are used up. */
function isAlwaysTaken({ type, criteria }: Action): boolean {
  return criteria.length === 0 && type !== 'retry';
}

function indexOf({ stepId }: Action, steps: StepContext[]): number | undefined {
  return steps.find(({ step }) => step.id === stepId?.value)?.index;
}
