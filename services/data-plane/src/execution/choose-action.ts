import type { Budget, Scope } from '@toolplane/expressions';
import type { PreparedAction } from './prepare-plan.ts';

/** Retries that a visit to a step has used, by action. A goto begins a new visit. */
export type RetriesUsed = Map<PreparedAction, number>;

/** The first action that matches; a retry without tries left is passed over. Nothing when none matches. */
export function chooseAction(
  actions: readonly PreparedAction[],
  scope: Scope,
  retriesUsed: RetriesUsed,
  budget: Budget,
): PreparedAction | undefined {
  for (const action of actions) {
    const used = retriesUsed.get(action) ?? 0;
    if (action.do === 'retry' && used >= action.retriesMax) continue;
    if (!action.matches(scope, budget)) continue;
    if (action.do === 'retry') retriesUsed.set(action, used + 1);
    return action;
  }
  return undefined;
}
