import type { PlanStep } from '@toolplane/contracts';
import { walkPlan } from './walk-plan.ts';

/** Ids of the steps that a step takes values of, anywhere in it and however the document writes that. */
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
