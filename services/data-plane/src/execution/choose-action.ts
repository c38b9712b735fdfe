import type { Budget, Scope } from '@toolplane/expressions';
import type { PreparedAction } from './prepare-plan.ts';
import type { Visit } from './visit.ts';

/** Returns the first action that matches; a retry that is not permitted is skipped. Nothing when none matches. */
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

/** A retry without tries left, or one that could repeat something of which nobody knows whether it was done. */
export function isSpent(action: PreparedAction, { retriesUsed, hasLost }: Visit): boolean {
  return action.do === 'retry' && (hasLost || (retriesUsed.get(action) ?? 0) >= action.retriesMax);
}
