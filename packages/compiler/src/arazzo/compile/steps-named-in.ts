import type { PlanStep } from '@toolplane/contracts';
import { walkPlan } from './walk-plan.ts';

/** Returns the ids of the steps whose values a step uses, anywhere in it and however the document writes them. */
export function stepsNamedIn(step: PlanStep): Set<string> {
  const ids = new Set<string>();
  walkPlan(step, {
    path(path) {
      if (path[0] === 'steps' && path[1] !== undefined) ids.add(path[1]);
      return path;
    },
  });
  return ids;
}
