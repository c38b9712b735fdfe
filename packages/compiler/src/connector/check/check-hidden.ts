import { type Json, type JsonObject, pointerSegments } from '@toolplane/contracts';
import { compileJsonSchema, JsonSchemaError } from '@toolplane/json-schema';
import type { Part } from '../../document/part.ts';
import type { Operation, Parameter } from '../descriptor/operation-schema.ts';
import { wireName } from '../descriptor/wire-name.ts';
import type { OperationContext } from './operation-context.ts';
import { placeInside } from './place-inside.ts';

/** Checks that a hidden parameter has a value, and that no other parameter can overwrite it or a part of it. */
export function checkHidden({ draft, operation, index: operationIndex }: OperationContext): void {
  const { parameters } = operation;
  const placeOf = (index: number) => draft.at('operations', operationIndex, 'parameters', index);
  const hidden = parameters.filter((parameter) => parameter.hidden);
  for (const [index, parameter] of parameters.entries()) {
    if (parameter.hidden) checkValue(parameter, placeOf(index));
    else checkOverlap(operation, parameter, { hidden, part: placeOf(index) });
  }
}

function checkValue({ schema, default_value: value }: Parameter, part: Part): void {
  if (value === undefined) {
    part.error('missing_key', 'A hidden parameter requires "default_value"', 'Write the value that is always sent.');
  } else if (schema !== undefined) {
    checkAgainst(schema, value, part);
  }
}

/** The schema of a parameter that is not hidden is checked with the inputs of its tool. */
function checkAgainst(schema: JsonObject, value: Json, part: Part): void {
  try {
    const validated = compileJsonSchema(schema, { forFewValues: true })(value);
    if (validated.ok) return;
    const [first] = validated.violations;
    part.place('default_value').error('invalid_default', `The default ${first?.message}`, 'Correct the default.');
  } catch (thrown) {
    if (!(thrown instanceof JsonSchemaError)) throw thrown;
    const place = placeInside(part.place('schema'), pointerSegments(thrown.pointer));
    place.error(thrown.code ?? 'invalid_schema', thrown.message, 'Correct the JSON Schema.');
  }
}

type Others = { hidden: readonly Parameter[]; part: Part };

function checkOverlap(operation: Operation, parameter: Parameter, { hidden, part }: Others): void {
  const over = hidden.find((each) => {
    const [key, other] = [fieldOf(operation, parameter), fieldOf(operation, each)];
    if (each.location !== parameter.location || key === undefined || other === undefined) return false;
    return isInside(key, other) || isInside(other, key) || (key === other && wireName(each) !== wireName(parameter));
  });
  if (over === undefined) return;
  const message = `"${parameter.name}" can overwrite "${over.name}", which is hidden`;
  part.error('conflicting_parameter', message, 'Keep one of them.');
}

function isInside(field: string, other: string): boolean {
  return field.startsWith(`${other}[`);
}

/**
 * Returns the name if brackets in names denote nesting, which is the case in a query or a form. Nesting by dots is
 * checked with the body.
 */
function fieldOf({ body_encoding: encoding }: Operation, parameter: Parameter): string | undefined {
  const name = wireName(parameter);
  if (parameter.location === 'query') return name;
  if (parameter.location !== 'body' || encoding === 'json') return undefined;
  if (encoding === 'multipart') return name;
  const [first, ...inside] = name.split('.');
  return `${first}${inside.map((segment) => `[${segment}]`).join('')}`;
}
