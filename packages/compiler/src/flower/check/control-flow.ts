import { type ControlFlow, type Exits, traceExits } from '../../control-flow/trace-exits.ts';
import type { Procedure, Step } from '../model.ts';

/** Traces where a run can go. Any condition may hold or not; a retry eventually gives up. */
export function traceControlFlow({ steps }: Pick<Procedure, 'steps'>): ControlFlow {
  return traceExits(steps.map((step, index) => exitsOf(step, index, steps)));
}

function exitsOf(step: Step, index: number, steps: Step[]): Exits {
  const exits: Exits = { next: [], canEnd: false };
  const goTo = (target: number) => {
    if (target < steps.length) exits.next.push(target);
    else exits.canEnd = true;
  };
  for (const action of step.actions) {
    if (action.do === 'next') goTo(index + 1);
    else if (action.do === 'end') exits.canEnd = true;
    else if (action.do === 'retry') exits.next.push(index);
    else exits.next.push(...steps.flatMap(({ id }, target) => (id === action.step ? [target] : [])));
    if (isAlwaysTaken(action)) return exits;
  }
  if (step.actions.length === 0) goTo(index + 1);
  // If no action matches, the run fails, which ends it.
  else exits.canEnd = true;
  return exits;
}

/** No action after such an action is reached. A retry is skipped once its attempts are used up. */
export function isAlwaysTaken(action: Step['actions'][number]): boolean {
  return action.when === undefined && action.do !== 'retry';
}
