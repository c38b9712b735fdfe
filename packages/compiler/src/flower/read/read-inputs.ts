import { appendPointer, type JsonObject, pointerSegments } from '@toolplane/contracts';
import { compileJsonSchema, JsonSchemaError, type Validate } from '@toolplane/json-schema';
import type { Part } from '../../document/part.ts';
import { checkMcpHeaders } from '../check/check-mcp-headers.ts';
import { listExamples, withExamples } from './examples.ts';

/** The JSON Schema of a flow's arguments, with the `type: object` that documents usually leave out. */
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
  return schema;
}

/** Of an object. Gives the check that asks for no member, so that each can be looked at alone. */
export function checkSchema(part: Part, schema: JsonObject, code: string): Validate | undefined {
  try {
    compileJsonSchema(schema);
    const validate = compileJsonSchema({ ...schema, required: [] });
    checkDefaults(part, validate);
    return validate;
  } catch (thrown) {
    if (!(thrown instanceof JsonSchemaError)) throw thrown;
    part.problems.error(code, part.pointer + thrown.pointer, thrown.message, 'Correct the JSON Schema.');
    return undefined;
  }
}

/** A default that breaks its own schema would fail every call that leaves the argument out, as if the agent were wrong. */
function checkDefaults(part: Part, validate: Validate): void {
  const validated = validate({});
  if (validated.ok) return;
  for (const { path, message } of validated.violations) {
    const [name] = pointerSegments(path);
    if (name === undefined) continue;
    const pointer = appendPointer(appendPointer(`${part.pointer}/properties`, name), 'default');
    part.problems.error('invalid_default', pointer, `The default of "${name}" ${message}`, 'Correct the default.');
  }
}

/** A model copies what it is shown. */
function checkExamples(part: Part, validate: Validate): void {
  for (const { name, example } of listExamples(part)) {
    const validated = validate({ [name]: example.value });
    if (validated.ok) continue;
    const violation = validated.violations.find(({ path }) => pointerSegments(path)[0] === name);
    if (violation === undefined) continue;
    example.warn('invalid_example', `An example of "${name}" ${violation.message}`, 'Correct the example.');
  }
}
