import type { PlanExternal } from '@toolplane/contracts';
import type { Run } from '../run.ts';

/** Returns the URL of the external server for this call. */
export function urlOf({ call: { environment } }: Run, { url }: Pick<PlanExternal, 'url'>): string {
  return environment === undefined ? url : environment.move(new URL(url)).href;
}
