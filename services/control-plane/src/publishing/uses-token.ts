import type { Plan } from '@toolplane/contracts';

/** Does a request of it carry the caller's token? A text of the document that looks so is written with backslashes. */
export function usesToken(plan: Plan): boolean {
  return JSON.stringify(plan).includes('"path":["current_user"');
}
