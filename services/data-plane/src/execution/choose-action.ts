import type { Budget, Scope } from '@toolplane/expressions';
import type { PreparedAction } from './prepare-plan.ts';
import type { Visit } from './visit.ts';

/** Returns the first action that matches, or undefined if none matches; a retry that is not permitted is skipped. */
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

/**
 * Returns whether the action is a retry that has no attempts left, or one that could repeat a request with an unknown
 * outcome.
 */
export function isSpent(action: PreparedAction, { retriesUsed, hasLost }: Visit): boolean {
  return action.do === 'retry' && (hasLost || (retriesUsed.get(action) ?? 0) >= action.retriesMax);
}
