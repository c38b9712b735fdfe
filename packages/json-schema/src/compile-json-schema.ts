import { strict as assert } from 'node:assert';
import type { Json, JsonObject } from '@toolplane/contracts';
import type { Ajv2020, ValidateFunction } from 'ajv/dist/2020.js';
import { checkSchema, type SchemaTraits } from './check-schema.ts';
import { copyValue, UnfitValue } from './copy-value.ts';
import { createAjv } from './create-ajv.ts';
import { hasInheritedDefault } from './has-inherited-default.ts';
import { JsonSchemaError, throwAll } from './json-schema-error.ts';
import { mergeConstants } from './merge-constants.ts';
import { findMetaErrors } from './meta-errors.ts';
import { toDraft2020 } from './to-dialect.ts';
import { toViolations, type Violation } from './violations.ts';
import { TooMuchWork, Work } from './work.ts';

/**
 * A value that is accepted comes back as a copy with defaults applied. Undecided: a limit came first, and it may fulfil
 * the schema or not.
 */
type Validated = { ok: true; value: Json } | { ok: false; violations: Violation[]; isUndecided?: true };

export type Validate = (value: Json) => Validated;

/**
 * Tells the first violation alone. Several checks that somebody waits for may share what they spend: none of it goes
 * into violations that nobody reads, which would leave the next check undecided.
 */
export type ValidateForVerdict = (value: Json, shared?: Work) => Validated;

/** Of copying a value. */
const UNITS_PER_NODE = 20;
/** Larger values are checked up to their first violation only: collecting all of them costs memory for each. */
const COLLECTED_NODES_MAX = 10_000;

/**
 * Throws `JsonSchemaError` for a schema that is not valid or not supported. `format` is an annotation. A validator that
 * is `forFewValues` is compiled in a third of the time and takes longer to refuse a value.
 */
export function compileJsonSchema(schema: JsonObject, options?: { forFewValues?: boolean }): Validate;
export function compileJsonSchema(schema: JsonObject, options: { forVerdict: true }): ValidateForVerdict;
export function compileJsonSchema(
  schema: JsonObject,
  { forFewValues = false, forVerdict = false } = {},
): ValidateForVerdict {
  const { traits, converted } = check(schema);
  const work = new Work();
  const merged = mergeConstants(converted);
  const compile = (allErrors: boolean) => compileWith(createAjv(work, { ...traits, allErrors }), merged);
  let findAll = forFewValues ? compile(true) : undefined;
  const findFirst = findAll ?? compile(false);
  const copying = { isBare: hasInheritedDefault(converted) };
  return (value, shared = new Work()) => {
    try {
      work.unitsLeft = shared.unitsLeft;
      work.spend(0);
      const { copy, nodeCount } = copyValue(value, copying);
      work.spend(nodeCount * UNITS_PER_NODE);
      const violations = findFirst(copy);
      if (violations.length === 0) return { ok: true, value: copying.isBare ? copyValue(copy).copy : copy };
      if (forVerdict || findFirst === findAll || nodeCount > COLLECTED_NODES_MAX) return { ok: false, violations };
      const collect = () => {
        findAll ??= compile(true);
        return findAll(copyValue(value, copying).copy);
      };
      return { ok: false, violations: allOrFirst(collect, violations) };
    } catch (thrown) {
      const violation = toViolation(thrown);
      if (violation === undefined) throw thrown;
      return { ok: false, violations: [violation], isUndecided: true };
    } finally {
      shared.unitsLeft = work.unitsLeft;
    }
  };
}

function check(schema: JsonObject): { traits: SchemaTraits; converted: JsonObject } {
  const errors: JsonSchemaError[] = [];
  const traits = checkSchema(schema, (error) => errors.push(error));
  const converted = toDraft2020(schema);
  const known = new Set(errors.map(({ pointer }) => pointer));
  errors.push(...findMetaErrors(converted).filter(({ pointer }) => !known.has(pointer)));
  throwAll(errors);
  assert(traits !== undefined);
  return { traits, converted };
}

/** The first alone, if to find the others takes more work than is left. */
function allOrFirst(collect: () => Violation[], first: Violation[]): Violation[] {
  try {
    const all = collect();
    return all.length === 0 ? first : all;
  } catch (thrown) {
    if (thrown instanceof TooMuchWork) return first;
    throw thrown;
  }
}

/** Limits are violations too. */
function toViolation(thrown: unknown): Violation | undefined {
  if (thrown instanceof UnfitValue) return { path: '', rule: thrown.rule, message: thrown.message };
  if (thrown instanceof TooMuchWork)
    return { path: '', rule: 'work', message: 'must not require so much work to check' };
  // The schema fitted the stack when it was compiled, and a caller may have left less of it.
  if (thrown instanceof RangeError || thrown instanceof JsonSchemaError)
    return { path: '', rule: 'schema', message: 'cannot be checked: the schema is too large' };
  return undefined;
}

type FindViolations = (value: Json) => Violation[];

function compileWith(ajv: Ajv2020, schema: JsonObject): FindViolations {
  let validate: ValidateFunction;
  try {
    validate = ajv.compile(schema);
    // The first run is the one that reads the generated code, which nests as deeply as the schema is long.
    validate(null);
  } catch (thrown) {
    if (thrown instanceof JsonSchemaError || thrown instanceof TooMuchWork) throw thrown;
    if (thrown instanceof RangeError) throw new JsonSchemaError('The schema is too large', '', { code: 'too_many' });
    throw new JsonSchemaError(`The schema cannot be used: ${(thrown as Error).message}`, '');
  }
  return (value) => (validate(value) ? [] : toViolations(validate.errors ?? []));
}
