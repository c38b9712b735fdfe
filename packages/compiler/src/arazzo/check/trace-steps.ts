import { type ControlFlow, type Exits, traceExits } from '../../control-flow/trace-exits.ts';
import type { Action, Step } from '../model.ts';

/** A step with all its actions, including those that it inherits. */
export type StepActions = { step: Step; index: number; onSuccess: Action[]; onFailure: Action[] };

/** Traces where a run of these steps can go. The steps are in the order in which they run. */
export function traceSteps(steps: StepActions[]): ControlFlow {
  const indexes: Indexes = new Map(steps.map(({ step, index }) => [step.id, index]));
  const exits = steps.map((step) => exitsOf(step, indexes));
  for (const { index, onFailure } of steps) {
    for (const action of onFailure) {
      // The step that a retry runs first is followed by this step and not by its own actions.
      const first = action.type === 'retry' ? indexOf(action, indexes) : undefined;
      if (first === undefined) continue;
      exits[index]?.next.push(first);
      exits[first]?.next.push(index);
    }
  }
  return traceExits(exits);
}

/** The indexes of steps by their ids. */
type Indexes = ReadonlyMap<string, number>;

function exitsOf({ index, onSuccess, onFailure }: StepActions, indexes: Indexes): Exits {
  // A failure that no action handles also ends the run, but a loop cannot rely on such an end.
  const exits: Exits = { next: [], canEnd: false };
  for (const action of reachableActions(onSuccess)) follow(action);
  if (!onSuccess.some(isAlwaysTaken)) {
    if (index + 1 < indexes.size) exits.next.push(index + 1);
    else exits.canEnd = true;
  }
  for (const action of reachableActions(onFailure)) follow(action);
  return exits;

  function follow(action: Action): void {
    if (action.type === 'retry') exits.next.push(index);
    else if (action.type === 'end' || action.workflowId !== undefined) exits.canEnd = true;
    else exits.next.push(indexOf(action, indexes) ?? index);
  }
}

/** Returns the actions that can be reached: none after an action that is always taken. */
export function reachableActions(actions: Action[]): Action[] {
  const last = actions.findIndex(isAlwaysTaken);
  return last < 0 ? actions : actions.slice(0, last + 1);
}

/** A retry is skipped once its attempts are used up. */
function isAlwaysTaken({ type, criteria }: Action): boolean {
  return criteria.length === 0 && type !== 'retry';
}

function indexOf({ stepId }: Action, indexes: Indexes): number | undefined {
  return typeof stepId?.value === 'string' ? indexes.get(stepId.value) : undefined;
}
