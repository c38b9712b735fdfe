import { isJsonObject, type Json } from '@toolplane/contracts';
import { compileJsonSchema, JsonSchemaError } from '@toolplane/json-schema';
import type { Part } from '../../document/part.ts';
import type { Parameter } from '../descriptor/operation-schema.ts';

const numeric = ['integer', 'number'];

/** Checks the limits of a parameter and the values that it contains. A `schema` is checked with its tool. */
export function checkValues(parameter: Parameter, part: Part): void {
  if (parameter.schema !== undefined) return;
  checkKeywords(parameter, part);
  checkPattern(parameter, part);
  for (const [index, value] of (parameter.enum ?? []).entries()) {
    const problem = typeProblem(value, parameter);
    if (problem === undefined) continue;
    const hint =
      value === null ? 'For a value that may be null, write a "schema" with a list of types.' : 'Correct the value.';
    part.place('enum').place(index).error('invalid_enum', `The value ${problem}`, hint);
  }
  if (parameter.default_value === undefined) return;
  const problem = valueProblem(parameter.default_value, parameter);
  if (problem === undefined) return;
  part.place('default_value').error('invalid_default', `The default ${problem}`, 'Correct the default.');
}

function checkKeywords(parameter: Parameter, part: Part): void {
  const { field_type: type = 'string', minimum, maximum } = parameter;
  const refuse = (key: keyof Parameter, needed: string) => {
    if (parameter[key] === undefined) return;
    part
      .place(key)
      .error('not_for_type', `"${key}" is for ${needed}`, `Remove it, or change field_type.`, { at: 'key' });
  };
  if (!numeric.includes(type)) {
    refuse('minimum', 'numbers');
    refuse('maximum', 'numbers');
  }
  if (type !== 'string') {
    refuse('pattern', 'strings');
    refuse('max_length', 'strings');
  }
  if (type !== 'array') refuse('items', 'arrays');
  if (minimum !== undefined && maximum !== undefined && minimum > maximum) {
    part.place('minimum').error('empty_range', 'The minimum is above the maximum', 'Swap them.');
  }
}

function checkPattern({ pattern }: Parameter, part: Part): void {
  if (pattern === undefined) return;
  try {
    compileJsonSchema({ pattern }, { forFewValues: true });
  } catch (thrown) {
    if (!(thrown instanceof JsonSchemaError)) throw thrown;
    part.place('pattern').error('invalid_pattern', thrown.message, 'Write an RE2 regular expression.');
  }
}

/** Returns the problem of a value, worded to follow the name of the value. */
function valueProblem(value: Json, parameter: Parameter): string | undefined {
  const wrong = typeProblem(value, parameter);
  if (wrong !== undefined) return wrong;
  const { minimum, maximum, max_length: lengthMax, pattern, enum: values, location } = parameter;
  if (location === 'path' && value === '') return 'is empty, but a path segment cannot be';
  if (values !== undefined && !values.some((each) => isSame(each, value))) return 'is not one of the values of "enum"';
  if (typeof value === 'number' && minimum !== undefined && value < minimum) return `is below ${minimum}`;
  if (typeof value === 'number' && maximum !== undefined && value > maximum) return `is above ${maximum}`;
  if (typeof value !== 'string') return undefined;
  if (lengthMax !== undefined && [...value].length > lengthMax) return `has more than ${lengthMax} characters`;
  return pattern !== undefined && !fitsPattern(value, pattern) ? 'does not match the pattern' : undefined;
}

function isSame(left: Json, right: Json): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** An invalid pattern is reported at its own location. */
function fitsPattern(value: string, pattern: string): boolean {
  try {
    return compileJsonSchema({ pattern }, { forFewValues: true })(value).ok;
  } catch (thrown) {
    if (thrown instanceof JsonSchemaError) return true;
    throw thrown;
  }
}

function typeProblem(value: Json, { field_type: type = 'string' }: Parameter): string | undefined {
  return isOfType(value, type) ? undefined : `is not of type ${type}`;
}

function isOfType(value: Json, type: NonNullable<Parameter['field_type']>): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    default:
      return typeof value === type;
  }
}
