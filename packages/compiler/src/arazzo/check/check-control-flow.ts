import type { Part } from '../../document/part.ts';
import type { Action, ArazzoDocument, Workflow } from '../model.ts';
import { actionsOf } from './actions-of.ts';
import { reportCycle } from './order-steps.ts';
import { dependsOnOf, sortSteps } from './sort-steps.ts';
import { reachableActions, type StepActions, traceSteps } from './trace-steps.ts';

export function checkControlFlow(workflow: Workflow, { settings }: ArazzoDocument): void {
  const { order, cycle } = sortSteps(workflow.steps, (step) => dependsOnOf(step, workflow));
  if (cycle !== undefined) reportCycle(cycle);
  const steps = order.map((step, index) => ({ step, index, ...actionsOf(step, workflow, settings) }));
  checkEnds(steps);
  warnUnreachable(steps.flatMap(({ onSuccess, onFailure }) => [onSuccess, onFailure]));
}

/** Reports one error per workflow: otherwise, every step of a loop would repeat it. */
function checkEnds(steps: StepActions[]): void {
  const flow = traceSteps(steps);
  const endless = steps.find(({ index }) => flow.isReached(index) && !flow.canEnd(index));
  const place = endless && (findJump(endless) ?? endless.step.part);
  place?.error(
    'endless_loop',
    'From here on, the run never ends',
    'Add criteria to an action of the loop, or an action that ends it.',
  );
  for (const { step, index } of steps) {
    if (flow.isReached(index)) continue;
    const hint = 'Every path to it ends earlier or leads elsewhere.';
    step.part.warn('unreachable_step', `Step "${step.id}" is never run`, hint);
  }
}

function findJump({ onSuccess, onFailure }: StepActions): Part | undefined {
  return [...onSuccess, ...onFailure].find(({ type }) => type === 'goto')?.part;
}

/**
 * The lists contain the actions of each step, including those inherited from the workflow: an inherited action can be
 * unreachable in one step and reachable in another.
 */
function warnUnreachable(lists: Action[][]): void {
  const reachable = new Set(lists.flatMap(reachableActions));
  for (const action of new Set(lists.flat())) {
    if (reachable.has(action)) continue;
    const hint = 'An action without criteria comes before it.';
    action.part.warn('unreachable_action', 'This action is never reached', hint);
  }
}
