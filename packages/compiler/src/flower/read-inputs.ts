import { appendPointer, type JsonObject, pointerSegments } from '@toolplane/contracts';
import { compileJsonSchema, JsonSchemaError } from '@toolplane/json-schema';
import type { Part } from '../document/part.ts';

/** The JSON Schema of a flow's arguments, with the `type: object` that documents usually leave out. */
export function readInputs(part: Part | undefined): JsonObject | undefined {
  const inputs = part?.object();
  if (part === undefined || inputs === undefined) return undefined;
  if (inputs['type'] !== undefined && inputs['type'] !== 'object') {
    const hint = 'The arguments of a tool are one object: remove "type" or write type: object.';
    part.member('type')?.error('invalid_inputs', 'The inputs of a flow are an object', hint);
  }
  const schema: JsonObject = { type: 'object', ...inputs };
  try {
    compileJsonSchema(schema);
    checkDefaults(part, schema);
  } catch (thrown) {
    if (!(thrown instanceof JsonSchemaError)) throw thrown;
    part.problems.error('invalid_inputs', part.pointer + thrown.pointer, thrown.message, 'Correct the JSON Schema.');
  }
  return schema;
}

/** A default that breaks its own schema would fail every call that leaves the argument out, as if the agent were wrong. */
function checkDefaults(part: Part, schema: JsonObject): void {
  const validated = compileJsonSchema({ ...schema, required: [] })({});
  if (validated.ok) return;
  for (const { path, message } of validated.violations) {
    const [name] = pointerSegments(path);
    if (name === undefined) continue;
    const pointer = appendPointer(appendPointer(`${part.pointer}/properties`, name), 'default');
    part.problems.error('invalid_default', pointer, `The default of "${name}" ${message}`, 'Correct the default.');
  }
}
