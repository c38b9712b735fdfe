import type { Plan } from '@toolplane/contracts';

/** Do the requests of a plan carry the caller's token? */
export const usesToken = (plan: Plan) => refersTo(plan, 'current_user');

/** Or what the caller's `Config-` headers say? */
export const usesConfig = (plan: Plan) => refersTo(plan, 'config');

/** A text of the document that looks like an expression of the plan is written with backslashes. */
function refersTo(plan: Plan, root: string): boolean {
  return JSON.stringify(plan).includes(`"path":["${root}"`);
}
