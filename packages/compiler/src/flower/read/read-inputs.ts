import { appendPointer, isJsonObject, type JsonObject } from '@toolplane/contracts';
import { compileJsonSchema, JsonSchemaError, toDialect, type Validate } from '@toolplane/json-schema';
import type { Part } from '../../document/part.ts';
import { compileInputs } from '../../tools/compile-inputs.ts';
import { checkMcpHeaders } from '../check/check-mcp-headers.ts';
import { checkSchemaKeywords } from '../check/check-schema-keywords.ts';
import { checkExamples } from './check-examples.ts';
import { withExamples } from './examples.ts';
import { propertyViolations } from './property-violations.ts';

/** Reads the JSON Schema of a flow's arguments and adds the `type: object` that documents usually omit. */
export function readInputs(part: Part | undefined): JsonObject | undefined {
  if (part?.object() === undefined) return undefined;
  const inputs = withExamples(part);
  if (inputs['type'] !== undefined && inputs['type'] !== 'object') {
    const hint = 'The arguments of a tool are one object: remove "type" or write type: object.';
    part.member('type')?.error('invalid_inputs', 'The inputs of a flow are an object', hint);
  }
  const schema: JsonObject = { type: 'object', ...inputs };
  const validate = checkSchema(part, schema, 'invalid_inputs');
  if (validate !== undefined) checkExamples(part, validate);
  checkMcpHeaders(part);
  checkSchemaKeywords(part);
  return validate === undefined ? schema : toDialect(schema);
}

/**
 * Checks the schema of an object. Returns a function that validates only its properties, so that each of them can be
 * checked whatever the others are.
 */
export function checkSchema(part: Part, schema: JsonObject, code: string): Validate | undefined {
  if (compileInputs(part, schema, code) === undefined) return undefined;
  const validate = compileShown(schema);
  checkDefaults(part, validate);
  return validate;
}

const definitions = ['$schema', '$defs', 'definitions'];
const shownKeywords = ['default', 'examples'];

/** Compiles only the properties that contain example or default values; most schemas have none. */
function compileShown(schema: JsonObject): Validate {
  const shown = Object.entries(isJsonObject(schema['properties']) ? schema['properties'] : {}).filter(
    ([, property]) => isJsonObject(property) && shownKeywords.some((keyword) => property[keyword] !== undefined),
  );
  const acceptsAll: Validate = (value) => ({ ok: true, value });
  if (shown.length === 0) return acceptsAll;
  const own = Object.fromEntries(Object.entries(schema).filter(([keyword]) => definitions.includes(keyword)));
  try {
    return compileJsonSchema({ ...own, properties: Object.fromEntries(shown) }, { forFewValues: true });
  } catch (thrown) {
    if (!(thrown instanceof JsonSchemaError)) throw thrown;
    // A property refers to a schema that was left out: such properties are not checked separately.
    return acceptsAll;
  }
}

/**
 * A default that violates its own schema would fail every call that omits the argument, as if the agent had made a
 * mistake.
 */
function checkDefaults(part: Part, validate: Validate): void {
  for (const { name, message } of propertyViolations(validate, {})) {
    const pointer = appendPointer(appendPointer(`${part.pointer}/properties`, name), 'default');
    part.problems.error('invalid_default', pointer, `The default of "${name}" ${message}`, 'Correct the default.');
  }
}
