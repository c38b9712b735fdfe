import type { JsonObject } from '@toolplane/contracts';
import { compileJsonSchema, JsonSchemaError, type Validate } from '@toolplane/json-schema';
import type { Part } from '../document/part.ts';

const hints: Readonly<Record<string, string>> = {
  remote_ref: 'Copy that schema to $defs and write "#/$defs/<name>".',
  unknown_ref: 'Write "#/$defs/<name>", or another JSON Pointer from the root of the schema.',
};

/** Reports all errors of the schema; `code` is used for those without a code of their own. */
export function compileInputs(part: Part, schema: JsonObject, code: string): Validate | undefined {
  try {
    return compileJsonSchema(schema, { forFewValues: true });
  } catch (thrown) {
    if (!(thrown instanceof JsonSchemaError)) throw thrown;
    for (const { code: own, pointer, message } of thrown.all) {
      const hint = hints[own ?? ''] ?? 'Correct the JSON Schema.';
      part.problems.error(own ?? code, part.pointer + pointer, message, hint);
    }
    return undefined;
  }
}
