import type { Json, JsonObject } from '@toolplane/contracts';
import { Ajv2020, type ErrorObject, str, type ValidateFunction } from 'ajv/dist/2020.js';
import { checkSchema } from './check-schema.ts';
import { copyValue, UnfitValue } from './copy-value.ts';
import { hasInheritedDefault } from './has-inherited-default.ts';
import { isMultiple } from './is-multiple.ts';
import { JsonSchemaError } from './json-schema-error.ts';
import { PatternEngine, TooMuchWork } from './pattern.ts';
import { toDraft2020 } from './to-dialect.ts';
import { hasDistinctItems } from './unique-items.ts';

/** `path` is a JSON Pointer into the value; the message names the rule, never the value. */
export type Violation = { path: string; rule: string; message: string };

/**
 * A value that is accepted comes back as a copy with defaults applied. Undecided: a limit came first, and it may fulfil
 * the schema or not.
 */
export type Validate = (
  value: Json,
) => { ok: true; value: Json } | { ok: false; violations: Violation[]; isUndecided?: true };

const VIOLATIONS_MAX = 50;
const PATH_LENGTH_MAX = 256;
const NAME_LENGTH_MAX = 64;
const DETAIL_LENGTH_MAX = 512;
/** Larger values are checked up to their first violation only: collecting all of them costs memory for each. */
const COLLECTED_NODES_MAX = 10_000;

/**
 * Throws `JsonSchemaError` for a schema that is not valid or not supported. `format` is an annotation. A validator that
 * is `forFewValues` is compiled in a third of the time and takes longer to refuse a value.
 */
export function compileJsonSchema(schema: JsonObject, { forFewValues = false } = {}): Validate {
  checkSchema(schema);
  const converted = toDraft2020(schema);
  checkAgainstMetaSchema(converted);
  let findAll = forFewValues ? compile(converted, { allErrors: true }) : undefined;
  const findFirst = findAll ?? compile(converted, { allErrors: false });
  const copying = { isBare: hasInheritedDefault(converted) };
  return (value) => {
    try {
      const { copy, nodeCount } = copyValue(value, copying);
      const violations = findFirst(copy);
      if (violations.length === 0) return { ok: true, value: copying.isBare ? copyValue(copy).copy : copy };
      if (findFirst === findAll || nodeCount > COLLECTED_NODES_MAX) return { ok: false, violations };
      findAll ??= compile(converted, { allErrors: true });
      return { ok: false, violations: findAll(copyValue(value, copying).copy) };
    } catch (thrown) {
      const violation = toViolation(thrown);
      if (violation === undefined) throw thrown;
      return { ok: false, violations: [violation], isUndecided: true };
    }
  };
}

/** Limits are violations too. */
function toViolation(thrown: unknown): Violation | undefined {
  if (thrown instanceof UnfitValue) return { path: '', rule: thrown.rule, message: thrown.message };
  if (thrown instanceof TooMuchWork) return { path: '', rule: 'pattern', message: 'takes too much work to check' };
  // The schema fitted the stack when it was compiled, and a caller may have left less of it.
  if (thrown instanceof RangeError || thrown instanceof JsonSchemaError)
    return { path: '', rule: 'schema', message: 'cannot be checked: too large a schema' };
  return undefined;
}

/** A validator per schema: a shared one would keep every schema that it has ever compiled. */
function compile(schema: JsonObject, { allErrors }: { allErrors: boolean }): (value: Json) => Violation[] {
  const patterns = new PatternEngine();
  const regExp = Object.assign((pattern: string) => patterns.create(pattern), { code: 'createPattern' });
  const ajv = createAjv({ allErrors, regExp });
  let validate: ValidateFunction;
  try {
    validate = ajv.compile(schema);
    // The first run is the one that reads the generated code, which nests as deeply as the schema is long.
    validate(null);
  } catch (thrown) {
    if (thrown instanceof JsonSchemaError) throw thrown;
    if (thrown instanceof RangeError) throw new JsonSchemaError('The schema is too large', '', { code: 'too_many' });
    throw new JsonSchemaError(`The schema cannot be used: ${(thrown as Error).message}`, '');
  }
  return (value) => {
    patterns.startValidation();
    return validate(value) ? [] : toViolations(validate.errors ?? []);
  };
}

type RegExpEngine = { (pattern: string, flags: string): { test: (text: string) => boolean }; code: string };

function createAjv({ allErrors, regExp }: { allErrors: boolean; regExp: RegExpEngine }): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors,
    useDefaults: true,
    ownProperties: true,
    strict: false,
    validateFormats: false,
    meta: false,
    validateSchema: false,
    logger: false,
    code: { regExp },
  });
  // The library compares each pair of items.
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (isUnique: boolean, items: Json[]) => !isUnique || hasDistinctItems(items),
    error: { message: 'must not have duplicate items' },
  });
  // The library divides doubles.
  ajv.removeKeyword('multipleOf');
  ajv.addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    validate: (divisor: number, value: number) => isMultiple(value, divisor),
    error: { message: ({ schemaCode }) => str`must be multiple of ${schemaCode}` },
  });
  return ajv;
}

const metaAjv = new Ajv2020({ strict: false, validateFormats: false, logger: false });

function checkAgainstMetaSchema(schema: JsonObject): void {
  if (metaAjv.validateSchema(schema)) return;
  const [error] = metaAjv.errors ?? [];
  throw new JsonSchemaError(
    `Not a valid JSON Schema: ${error?.message ?? 'unknown reason'}`,
    error?.instancePath ?? '',
  );
}

function toViolations(errors: ErrorObject[]): Violation[] {
  return errors.slice(0, VIOLATIONS_MAX).map((error) => ({
    path: error.instancePath.slice(0, PATH_LENGTH_MAX),
    rule: error.keyword,
    message: describe(error),
  }));
}

function describe({ message = 'is not valid', params, propertyName }: ErrorObject): string {
  // The name of a property comes from the caller, who could not tell otherwise which one is meant.
  if (propertyName !== undefined) return `has the name ${nameOf(propertyName)}, which ${message}`;
  if (typeof params['propertyName'] === 'string') return `cannot have the name ${nameOf(params['propertyName'])}`;
  const name = params['additionalProperty'] ?? params['unevaluatedProperty'];
  const allowed = params['allowedValues'] ?? params['allowedValue'];
  const detail = typeof name === 'string' ? name.slice(0, NAME_LENGTH_MAX) : allowed;
  return detail === undefined ? message : `${message}: ${JSON.stringify(detail).slice(0, DETAIL_LENGTH_MAX)}`;
}

const nameOf = (name: string) => JSON.stringify(name.slice(0, NAME_LENGTH_MAX));
