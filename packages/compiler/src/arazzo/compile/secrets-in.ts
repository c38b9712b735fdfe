import type { PlanRequest } from '@toolplane/contracts';
import { walkPlan } from './walk-plan.ts';

/** Returns the names of the secrets that a request uses. */
export function secretsIn(request: PlanRequest): string[] {
  const names = new Set<string>();
  walkPlan(request, {
    path(path) {
      if (path[0] === 'secrets' && path[1] !== undefined) names.add(path[1]);
      return path;
    },
  });
  return [...names];
}
