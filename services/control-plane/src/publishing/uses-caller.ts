import type { Plan } from '@toolplane/contracts';

/** Whether the requests of a plan carry the caller's token. */
export const usesToken = (plan: Plan) => refersTo(plan, 'current_user');

/** Whether the requests of a plan use the caller's `Config-` headers. */
export const usesConfig = (plan: Plan) => refersTo(plan, 'config');

/**
 * Searches the JSON text of the plan. Text of the document cannot be mistaken for an expression of the plan, because
 * its quotes are escaped with backslashes.
 */
function refersTo(plan: Plan, root: string): boolean {
  return JSON.stringify(plan).includes(`"path":["${root}"`);
}
