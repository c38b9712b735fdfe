import type { JsonObject } from '@toolplane/contracts';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { JsonSchemaError } from './json-schema-error.ts';
import { describe } from './violations.ts';

const options = { strict: false, validateFormats: false, logger: false } as const;
const first = new Ajv2020(options);
const all = new Ajv2020({ ...options, allErrors: true });

/** For a longer schema, only the first error is reported: collecting all errors costs memory for each. */
const COLLECTED_LENGTH_MAX = 200_000;
const READ_MAX = 500;
const ERRORS_MAX = 50;

/** Returns the errors that the meta-schema of JSON Schema 2020-12 finds. */
export function findMetaErrors(schema: JsonObject): JsonSchemaError[] {
  if (first.validateSchema(schema)) return [];
  const isCollected = JSON.stringify(schema).length <= COLLECTED_LENGTH_MAX;
  if (isCollected) all.validateSchema(schema);
  const errors = ((isCollected ? all : first).errors ?? []).slice(0, READ_MAX);
  // Several errors at one location come from the branches of a choice. The first branch is the one that was meant.
  const byPlace = Map.groupBy(errors, ({ instancePath }) => instancePath);
  return [...byPlace.values()]
    .flatMap(([error]) => error ?? [])
    .filter(({ instancePath }) => !errors.some((other) => other.instancePath.startsWith(`${instancePath}/`)))
    .slice(0, ERRORS_MAX)
    .map((error) => new JsonSchemaError(`Not a valid JSON Schema: ${describe(error)}`, error.instancePath));
}
