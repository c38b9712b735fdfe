import { canBeDoneTwice, isOnlyAfterRefusal, RETRY_HINT } from '../../control-flow/retry-advice.ts';
import type { ControlFlow } from '../../control-flow/trace-exits.ts';
import { suggestName } from '../../document/suggest-name.ts';
import type { Procedure, Step } from '../model.ts';
import { checkStatuses, GOOD_ACTION } from './check-statuses.ts';
import { isAlwaysTaken } from './control-flow.ts';

export function checkControlFlow(procedure: Procedure, controlFlow: ControlFlow): void {
  const { steps, noun } = procedure;
  checkStepIds(steps);
  for (const step of steps) checkActions(step, steps, noun);
  checkStatuses(procedure);
  checkEnds(steps, controlFlow);
}

function checkStepIds(steps: Step[]): void {
  const seen = new Set<string>();
  for (const { id, part } of steps) {
    if (id !== '' && seen.has(id))
      part.member('id')?.error('duplicate_id', `Duplicate step "${id}"`, 'Rename one of them.');
    seen.add(id);
  }
}

function checkActions(step: Step, steps: Step[], noun: Procedure['noun']): void {
  const { actions } = step;
  const ids = steps.map((step) => step.id);
  for (const action of actions) {
    if (action.do === 'goto' && action.step !== '' && !ids.includes(action.step)) {
      const hint = suggestName(action.step, ids, `Steps of this ${noun}`);
      action.part.member('step')?.error('unknown_step', `There is no step "${action.step}"`, hint);
    }
  }
  warnOfRetries(step);
  const last = actions.findIndex(isAlwaysTaken);
  for (const action of last < 0 ? [] : actions.slice(last + 1)) {
    action.part.warn('unreachable_action', 'This action is never reached', 'An action without "when" comes before it.');
  }
}

function warnOfRetries({ id, request, actions }: Step): void {
  if (!canBeDoneTwice(request)) return;
  for (const action of actions) {
    if (action.do !== 'retry' || action.retriesMax === 0 || isOnlyAfterRefusal(action.when?.condition)) continue;
    action.part.warn('retry_without_key', `This retry may do twice what step "${id}" requests`, RETRY_HINT);
  }
}

/** Reports one error per flow: otherwise, every step of a loop would repeat it. */
function checkEnds(steps: Step[], controlFlow: ControlFlow): void {
  const endless = steps.find((_, index) => controlFlow.isReached(index) && !controlFlow.canEnd(index));
  const jump = endless?.actions.find((action) => action.do === 'goto') ?? endless;
  jump?.part.error('endless_loop', 'From here on, the run never ends', 'Give the loop a condition that leaves it.');
  for (const [index, { part, id }] of steps.entries()) {
    if (!controlFlow.isReached(index))
      part.warn(
        'unreachable_step',
        `Step "${id}" is never run`,
        `No action leads to it. An earlier step goes on with ${GOOD_ACTION}.`,
      );
  }
}
