import { violationsOf } from '../api/api-error.ts';

const PREFIX = 'body.policy.';

/** The problems in the text of a policy, by location, and the error if it is about something else. */
export function toPolicyProblems(error: unknown): { inPolicy: string[]; rest: unknown } {
  const violations = violationsOf(error);
  const isWithin = ({ path }: { path: string }) => `${path}.`.startsWith(PREFIX);
  const inPolicy = violations
    .filter(isWithin)
    .map(({ path, message }) => `${path.slice(PREFIX.length)} ${message}`.trim());
  const isAll = inPolicy.length > 0 && inPolicy.length === violations.length;
  return { inPolicy, rest: isAll ? undefined : (error ?? undefined) };
}
