import type { z } from 'zod';

type Issue = z.core.$ZodRawIssue;

/** The rule of a union. `toBrokenRules` replaces it, because the rules of the union's forms are more precise. */
const ANY_FORM = 'must have one of the allowed forms';

/**
 * The `error` for `safeParse`: says what a value must be, in our words, if its schema does not do so. The value is
 * never quoted.
 */
export function ruleOfIssue(issue: Issue): string {
  if (issue.input === undefined && absent.has(issue.code ?? '')) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeNames[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(toShown).join(', ')}`;
    case 'too_big':
      return toLimit(issue.origin, 'most', Number(issue.maximum), issue.inclusive !== false);
    case 'too_small':
      return toLimit(issue.origin, 'least', Number(issue.minimum), issue.inclusive !== false);
    case 'invalid_format':
      return formats[issue.format] ?? `must match ${issue.pattern ?? issue.format}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return 'is not known here';
    case 'invalid_key':
      return `is not allowed as a name: it ${issue.issues[0]?.message ?? 'is not valid'}`;
    case 'invalid_union':
      return Array.isArray(issue['options']) ? `must be one of ${issue['options'].map(toShown).join(', ')}` : ANY_FORM;
    default:
      return 'is not valid';
  }
}

/** The codes of issues with which Zod reports a missing value. */
const absent = new Set(['invalid_type', 'invalid_value', 'invalid_union']);

const typeNames: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

const formats: Record<string, string> = {
  datetime: 'must be a time in ISO 8601, with Z or an offset',
  url: 'must be an absolute URL',
  email: 'must be an e-mail address',
};

function toLimit(origin: string, bound: 'most' | 'least', limit: number, isIncluded: boolean): string {
  if (origin === 'string' || origin === 'array') {
    if (bound === 'least' && limit === 1) return 'must not be empty';
    return origin === 'string'
      ? `must have at ${bound} ${limit} characters`
      : `must have at ${bound} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
  }
  if (isIncluded) return `must be at ${bound} ${limit}`;
  return `must be ${bound === 'most' ? 'less' : 'more'} than ${limit}`;
}

function toShown(value: unknown): string {
  return typeof value === 'string' ? value : String(value);
}

type BrokenRule = { path: PropertyKey[]; message: string };

/**
 * Returns one rule for each location. For a union, these are the rules of the only form that matches the type of the
 * value; if there is no such form or several, the rules of all forms are joined.
 */
export function toBrokenRules(issues: readonly z.core.$ZodIssue[]): BrokenRule[] {
  return issues.flatMap((issue): BrokenRule[] => {
    const { path, message } = issue;
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ path: [...path, key], message }));
    if (issue.code !== 'invalid_union' || message !== ANY_FORM) return [{ path, message }];
    const fitting = issue.errors.filter((form) => !form.some(isOfOtherType));
    const [only] = fitting;
    if (only !== undefined && fitting.length === 1) {
      return toBrokenRules(only).map((inner) => ({ path: [...path, ...inner.path], message: inner.message }));
    }
    const rules = issue.errors.flatMap((form) => toBrokenRules(form).slice(0, 1)).map((inner) => inner.message);
    return [{ path, message: [...new Set(rules)].join(', or ') || message }];
  });
}

function isOfOtherType({ code, path }: z.core.$ZodIssue): boolean {
  return code === 'invalid_type' && path.length === 0;
}
