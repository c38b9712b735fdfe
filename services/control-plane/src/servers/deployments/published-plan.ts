import type { Plan } from '@toolplane/contracts';
import { toDisplayName } from '../../platform/display-name.ts';

/** Settings that may have changed since a plan was compiled. */
export type PlanSettings = {
  allowedHosts: string[];
  /** The name of the connector instance. */
  instanceName?: string | null | undefined;
};

/** The plan as data planes receive it: with the current settings instead of those at the time of the deployment. */
export function toPublishedPlan({ connection, ...plan }: Plan, { allowedHosts, instanceName }: PlanSettings): Plan {
  return {
    ...plan,
    allowedHosts,
    ...(connection && { connection: { ...connection, ...toPublishedName(instanceName) } }),
  };
}

/** The name that agents and people read when they have to connect. It may come from another workspace. */
export function toPublishedName(name: PlanSettings['instanceName']): { instanceName?: string } {
  const instanceName = toDisplayName(name);
  return instanceName === undefined ? {} : { instanceName };
}
