import type { Plan } from '@toolplane/contracts';

/** Whether the requests of a plan carry the caller's token. */
export const usesToken = (plan: Plan) => refersTo(plan, 'current_user');

/** Whether they use the caller's `Config-` headers. */
export const usesConfig = (plan: Plan) => refersTo(plan, 'config');

/** Text of the document that looks like an expression of the plan is escaped with backslashes. */
function refersTo(plan: Plan, root: string): boolean {
  return JSON.stringify(plan).includes(`"path":["${root}"`);
}
