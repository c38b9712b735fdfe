import type { Part } from '../../document/part.ts';
import { headerNameProblem } from '../../http/header-name.ts';
import type { Expression } from '../model.ts';
import { ENTRIES_MAX, readExpression } from './read-expression.ts';

/** The characters that a header value may contain; any other character could end the header. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export function readHeaders(part: Part | undefined): Expression[] {
  const entries = part?.entries({ max: ENTRIES_MAX }) ?? [];
  const seen = new Set<string>();
  for (const [name, value] of entries) {
    checkName(name, value);
    checkValue(value);
    if (seen.has(name.toLowerCase())) {
      value.error('duplicate_header', `Duplicate header ${name}`, 'Keep one of them.', { at: 'key' });
    }
    seen.add(name.toLowerCase());
  }
  return entries.map(([name, value]) => readExpression(name, value));
}

function checkName(name: string, part: Part): void {
  const problem = headerNameProblem(name);
  if (problem !== undefined) part.error(problem.code, problem.message, problem.hint, { at: 'key' });
}

function checkValue(part: Part): void {
  if (typeof part.value === 'object') {
    part.error('invalid_header', 'A header value must be text, a number, true or false', 'Write one text per header.');
  } else if (typeof part.value === 'string' && !VALUE.test(part.value)) {
    part.error(
      'invalid_header',
      'A header value cannot have line breaks or characters outside Latin-1',
      'Remove them.',
    );
  }
}
