import type { Plan, PlanExternal } from '@toolplane/contracts';
import { planOf } from './plan.ts';

/** A plan of a tool, a prompt or a resource of an external server. */
export function externalPlan(
  { url }: { url: string },
  target: PlanExternal['target'],
  { deadlineMs, outputBytesMax, ...rest }: Partial<PlanExternal & Pick<Plan, 'deadlineMs' | 'outputBytesMax'>> = {},
): Plan {
  const external: PlanExternal = { serverName: 'other', url, headers: [], secrets: [], ...rest, target };
  return planOf(
    [],
    {},
    {
      external,
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
      ...(outputBytesMax === undefined ? {} : { outputBytesMax }),
    },
  );
}
