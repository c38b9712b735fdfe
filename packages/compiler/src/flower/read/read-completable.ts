import { definedOnly, type JsonObject } from '@toolplane/contracts';
import type { Part } from '../../document/part.ts';
import type { Completable } from '../model.ts';

const VALUES_MAX = 1000;

/**
 * Reads an argument of a prompt or a variable of a resource template. If only its name is needed, its value may be left
 * empty.
 */
export function readCompletable(
  name: string,
  written: Part | undefined,
  { canBeRequired }: { canBeRequired: boolean },
): Completable {
  const part = written?.value === null ? undefined : written;
  part?.object();
  part?.allowKeys(['title', 'description', 'values', ...(canBeRequired ? ['required'] : [])]);
  const title = part?.member('title')?.text();
  const description = part?.member('description')?.text();
  const required = canBeRequired ? part?.member('required')?.boolean() : undefined;
  const values = part?.member('values')?.items({ max: VALUES_MAX, what: 'values' });
  return {
    name,
    ...definedOnly({
      title,
      description,
      required,
      values: values?.map((value) => value.text()).filter((value) => value !== undefined),
    }),
  };
}

/** Returns a schema of the inputs that references may name. */
export function toInputs(completables: Completable[]): JsonObject {
  return {
    type: 'object',
    properties: Object.fromEntries(completables.map(({ name }) => [name, { type: 'string' }])),
  };
}
