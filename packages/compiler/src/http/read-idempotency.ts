import { definedOnly, type PlanRequest } from '@toolplane/contracts';
import type { Part } from '../document/part.ts';
import { headerNameProblem } from './header-name.ts';

export const idempotencyKeys = ['x-idempotency-key', 'x-idempotent'];

/** What a step declares about sending its request more than once. */
export type Idempotency = Pick<PlanRequest, 'idempotencyKey' | 'isIdempotent'>;

export function readIdempotency(step: Part): Idempotency {
  const header = readHeader(step.member('x-idempotency-key'));
  const isIdempotent = step.member('x-idempotent')?.boolean() ?? false;
  return definedOnly({
    idempotencyKey: header === undefined ? undefined : { header },
    isIdempotent: isIdempotent || undefined,
  });
}

function readHeader(part: Part | undefined): string | undefined {
  if (part?.object() === undefined) return undefined;
  part.allowKeys(['header']);
  const header = part.required('header');
  const name = header?.text();
  if (name === undefined) return undefined;
  const problem = headerNameProblem(name);
  if (problem !== undefined) header?.error(problem.code, problem.message, problem.hint);
  return name;
}
