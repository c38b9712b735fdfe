import type { Plan } from '@toolplane/contracts';

/*
 * What of the caller do the requests of a plan carry? A text of the document that looks like an expression of the plan is
 * written with backslashes.
 */

/** The caller's token. */
export function usesToken(plan: Plan): boolean {
  return JSON.stringify(plan).includes('"path":["current_user"');
}

/** What the caller's `Config-` headers say. */
export function usesConfig(plan: Plan): boolean {
  return JSON.stringify(plan).includes('"path":["config"');
}
