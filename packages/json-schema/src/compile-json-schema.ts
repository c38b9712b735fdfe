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
import { TooMuchWork, WorkBudget } from './work.ts';

/**
 * The result of a check. An accepted value is returned as a copy with defaults applied. If `isUndecided` is set, a
 * limit was exceeded first, and the value may or may not match the schema.
 */
type Validated = { ok: true; value: Json } | { ok: false; violations: Violation[]; isUndecided?: true };

export type Validate = (value: Json) => Validated;

/**
 * Returns only the first violation. Several checks that one caller waits for may use one `shared` budget: no work is
 * spent on violations that nobody reads, which would leave the next check undecided.
 */
export type ValidateForVerdict = (value: Json, shared?: WorkBudget) => Validated;

/** The units charged for copying one node of a value. */
const UNITS_PER_NODE = 20;
/** Larger values are checked only up to their first violation: collecting all violations costs memory for each. */
const COLLECTED_NODES_MAX = 10_000;

/**
 * Compiles a schema. Throws `JsonSchemaError` if the schema is invalid or not supported. `format` is treated as an
 * annotation. With `forFewValues`, compiling takes a third of the time, but refusing a value takes longer.
 */
export function compileJsonSchema(schema: JsonObject, options?: { forFewValues?: boolean }): Validate;
export function compileJsonSchema(schema: JsonObject, options: { forVerdict: true }): ValidateForVerdict;
export function compileJsonSchema(
  schema: JsonObject,
  { forFewValues = false, forVerdict = false } = {},
): ValidateForVerdict {
  const { traits, converted } = check(schema);
  const work = new WorkBudget();
  const merged = mergeConstants(converted);
  const compile = (allErrors: boolean) => compileWith(createAjv(work, { ...traits, allErrors }), merged);
  let findAll = forFewValues ? compile(true) : undefined;
  const findFirst = findAll ?? compile(false);
  const copying = { isBare: hasInheritedDefault(converted) };
  return (value, shared = new WorkBudget()) => {
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

/** Returns only the first violation if finding the others takes more work than is left. */
function allOrFirst(collect: () => Violation[], first: Violation[]): Violation[] {
  try {
    const all = collect();
    return all.length === 0 ? first : all;
  } catch (thrown) {
    if (thrown instanceof TooMuchWork) return first;
    throw thrown;
  }
}

/** Converts an exceeded limit to a violation. Returns undefined for any other error. */
function toViolation(thrown: unknown): Violation | undefined {
  if (thrown instanceof UnfitValue) return { path: '', rule: thrown.rule, message: thrown.message };
  if (thrown instanceof TooMuchWork)
    return { path: '', rule: 'work', message: 'must not require so much work to check' };
  // The schema fitted the stack when it was compiled, but a caller may have left less stack now.
  if (thrown instanceof RangeError || thrown instanceof JsonSchemaError)
    return { path: '', rule: 'schema', message: 'cannot be checked: the schema is too large' };
  return undefined;
}

type FindViolations = (value: Json) => Violation[];

function compileWith(ajv: Ajv2020, schema: JsonObject): FindViolations {
  let validate: ValidateFunction;
  try {
    validate = ajv.compile(schema);
    // The engine reads the generated code at the first run. That code nests as deeply as the schema is long.
    validate(null);
  } catch (thrown) {
    if (thrown instanceof JsonSchemaError || thrown instanceof TooMuchWork) throw thrown;
    if (thrown instanceof RangeError) throw new JsonSchemaError('The schema is too large', '', { code: 'too_many' });
    throw new JsonSchemaError(`The schema cannot be used: ${(thrown as Error).message}`, '');
  }
  return (value) => (validate(value) ? [] : toViolations(validate.errors ?? []));
}
