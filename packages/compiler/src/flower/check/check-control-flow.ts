import { canBeDoneTwice, isOnlyAfterRefusal, RETRY_HINT } from '../../control-flow/retry-advice.ts';
import type { ControlFlow } from '../../control-flow/trace-exits.ts';
import { suggestName } from '../../document/suggest-name.ts';
import type { Procedure, Step } from '../model.ts';
import { isAlwaysTaken } from './control-flow.ts';

export function checkControlFlow({ steps, noun }: Procedure, controlFlow: ControlFlow): void {
  checkStepIds(steps);
  for (const step of steps) checkActions(step, steps, noun);
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
  const { id, part, actions } = step;
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
  if (actions.length > 0 && last < 0 && !actions.some((action) => action.do === 'next')) {
    const hint = 'End the list with { do: next } unless that is meant.';
    part.member('actions')?.warn('no_default_action', 'When none of these actions matches, the call fails', hint);
  }
  if (!actions.some(({ when }) => when?.references.some(({ path }) => isStatus(path, id)))) {
    const hint = 'A run continues after a 404 or 500: add { when: "$statusCode >= 400", do: end } and { do: next }.';
    part.warn('errors_not_handled', `Step "${id}" has no action for error statuses`, hint);
  }
}

function warnOfRetries({ id, request, actions }: Step): void {
  if (!canBeDoneTwice(request)) return;
  for (const action of actions) {
    if (action.do !== 'retry' || action.retriesMax === 0 || isOnlyAfterRefusal(action.when?.condition)) continue;
    action.part.warn('retry_without_key', `This retry may do twice what step "${id}" requests`, RETRY_HINT);
  }
}

function isStatus(path: string[], stepId: string): boolean {
  const own = path[0] === 'steps' && path[1] === stepId ? path.slice(2) : path;
  return own[0] === 'response' && own[1] === 'status';
}

/** One error per flow: the steps of a loop would all repeat it. */
function checkEnds(steps: Step[], controlFlow: ControlFlow): void {
  const endless = steps.find((_, index) => controlFlow.isReached(index) && !controlFlow.canEnd(index));
  const jump = endless?.actions.find((action) => action.do === 'goto') ?? endless;
  jump?.part.error('endless_loop', 'From here on, the run never ends', 'Give the loop a condition that leaves it.');
  for (const [index, { part, id }] of steps.entries()) {
    if (!controlFlow.isReached(index))
      part.warn(
        'unreachable_step',
        `Step "${id}" is never run`,
        'No action leads to it: a list of actions continues with { do: next }.',
      );
  }
}
