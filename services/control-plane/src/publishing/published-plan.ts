import type { Plan } from '@toolplane/contracts';
import { toDisplayName } from '../display-name.ts';

/** What may have changed since a plan was compiled. */
export type PlanSettings = {
  allowedHosts: string[];
  /** Of a connector instance. */
  instanceName?: string | null | undefined;
};

/** As data planes get it: the current settings apply, not those at the time of the deployment. */
export function toPublishedPlan({ connection, ...plan }: Plan, { allowedHosts, instanceName }: PlanSettings): Plan {
  return {
    ...plan,
    allowedHosts,
    ...(connection && { connection: { ...connection, ...toPublishedName(instanceName) } }),
  };
}

/** What agents and people read where they have to connect: the name may come from another workspace. */
export function toPublishedName(name: PlanSettings['instanceName']): { instanceName?: string } {
  const instanceName = toDisplayName(name);
  return instanceName === undefined ? {} : { instanceName };
}
