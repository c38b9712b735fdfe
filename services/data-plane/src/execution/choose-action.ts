import type { Budget, Scope } from '@toolplane/expressions';
import type { PreparedAction } from './prepare-plan.ts';
import type { Visit } from './visit.ts';

/** The first action that matches; a retry that may not be made is passed over. Nothing when none matches. */
export function chooseAction(
  actions: readonly PreparedAction[],
  scope: Scope,
  visit: Visit,
  budget: Budget,
): PreparedAction | undefined {
  for (const action of actions) {
    if (isSpent(action, visit) || !action.matches(scope, budget)) continue;
    if (action.do === 'retry') visit.retriesUsed.set(action, (visit.retriesUsed.get(action) ?? 0) + 1);
    return action;
  }
  return undefined;
}

/** A retry without tries left, or one that could have done twice what nobody knows to be done. */
export function isSpent(action: PreparedAction, { retriesUsed, hasLost }: Visit): boolean {
  return action.do === 'retry' && (hasLost || (retriesUsed.get(action) ?? 0) >= action.retriesMax);
}
