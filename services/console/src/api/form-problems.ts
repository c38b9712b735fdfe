import { ApiError, violationsOf } from './api-error.ts';

export type FormProblems = {
  /** The problems of fields, by the name of the field in the request. */
  at: Readonly<Record<string, string>>;
  /** Problems that belong to no field. Undefined if there are none. */
  rest: unknown;
};

/** Assigns the problems in an API error to the fields of a form. `names` are the names of the fields in the request. */
export function toFormProblems(error: unknown, names: readonly string[]): FormProblems {
  const violations = violationsOf(error);
  if (!(error instanceof ApiError) || violations.length === 0) return { at: {}, rest: error ?? undefined };
  const fieldOf = (path: string) => names.find((name) => `${path}.`.startsWith(`body.${name}.`));
  const at: Record<string, string> = {};
  for (const { path, message } of violations) {
    const name = fieldOf(path);
    if (name !== undefined) at[name] = name in at ? `${at[name]}; ${message}` : toSentenceCase(message);
  }
  const details = violations.filter(({ path }) => fieldOf(path) === undefined);
  const { status, code, message } = error;
  return { at, rest: details.length === 0 ? undefined : new ApiError(status, { code, message, details }) };
}

function toSentenceCase(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
