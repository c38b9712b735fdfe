import type { Plan } from '@toolplane/contracts';

/** What may have changed since a plan was compiled. */
export type PlanSettings = {
  allowedHosts: string[];
  /** Of a connector instance. */
  instanceName?: string | null | undefined;
};

/** As data planes get it: the current settings apply, not those at the time of the deployment. */
export function toPublishedPlan({ connection, ...plan }: Plan, { allowedHosts, instanceName }: PlanSettings): Plan {
  const names = typeof instanceName === 'string' ? { instanceName } : {};
  return { ...plan, allowedHosts, ...(connection && { connection: { ...connection, ...names } }) };
}
