import type { Diagnostic, Json } from '@toolplane/contracts';
import type { ErrorObject } from 'ajv';
import { countObjects } from '../../document/count-objects.ts';
import type { Part } from '../../document/part.ts';
import type { Minor } from '../model.ts';
import { officialValidator } from './official-schemas.ts';

/** For larger documents, only the first error is reported: collecting all errors would cost seconds and much memory. */
const COLLECTED_OBJECTS_MAX = 2000;

/** A safety net after reading: reports what the official schema refuses if nothing has been reported there yet. */
export function checkAgainstSchema(root: Part, minor: Minor): void {
  const reported = root.problems.errors();
  // Items beyond a limit were not read, and the official schemas have no limits.
  if (reported.some(({ code }) => code === 'too_many')) return;
  const errors = findErrors(root.value, minor);
  for (const [pointer, message] of findUnreported(errors, reported)) {
    const hint = `See https://spec.openapis.org/arazzo/v1.${minor}.0.html.`;
    root.problems.error('schema', pointer, `According to the schema of Arazzo 1.${minor}, this ${message}`, hint);
  }
}

function findErrors(value: Json, minor: Minor): ErrorObject[] {
  const findFirst = officialValidator(minor, { allErrors: false });
  if (findFirst(value)) return [];
  const isSmall = countObjects(value) <= COLLECTED_OBJECTS_MAX;
  const findAll = isSmall ? officialValidator(minor, { allErrors: true }) : findFirst;
  if (findAll !== findFirst) findAll(value);
  return findAll.errors ?? [];
}

/**
 * An error comes with others around it, because it also invalidates the surrounding objects: only the innermost errors
 * count. For a choice among several forms, an error that is already reported inside explains all others inside.
 */
function findUnreported(errors: ErrorObject[], reported: Diagnostic[]): Map<string, string> {
  const found = new Map<string, string>();
  const explained: string[] = [];
  for (const { instancePath, keyword, message = 'is not valid' } of errors) {
    const isChoice = keyword === 'oneOf' || keyword === 'anyOf';
    if (isChoice) found.set(instancePath, 'has none of the forms allowed here');
    else if (!found.has(instancePath)) found.set(instancePath, message);
    if (isChoice && reported.some(({ pointer }) => isAtOrInside(pointer, instancePath))) explained.push(instancePath);
  }
  const pointers = [...found.keys()];
  for (const pointer of pointers) {
    const isOuter = [...pointers, ...reported.map((each) => each.pointer)].some((other) => isInside(other, pointer));
    const isExplained = explained.some((choice) => isAtOrInside(pointer, choice));
    if (isOuter || isExplained || reported.some((each) => covers(each, pointer))) found.delete(pointer);
  }
  return found;
}

/** An error about a missing member does not cover existing members. */
function covers({ code, pointer: outer }: Diagnostic, pointer: string): boolean {
  return outer === pointer || (code !== 'missing_key' && isInside(pointer, outer));
}

function isAtOrInside(pointer: string, outer: string): boolean {
  return pointer === outer || isInside(pointer, outer);
}

function isInside(pointer: string, outer: string): boolean {
  return pointer.startsWith(`${outer}/`);
}
