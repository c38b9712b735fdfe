import type { JsonObject } from '@toolplane/contracts';
import { compileJsonSchema, JsonSchemaError, type ValidateForVerdict, type Work } from '@toolplane/json-schema';

/** Undefined: this is unknown. */
export type MatchArguments = (callArguments: JsonObject, work: Work) => boolean | undefined;

/** Undefined: there is nothing to hold. A schema without keywords is fulfilled by anything. */
export function compileArguments(schema: JsonObject = {}): MatchArguments | undefined {
  if (Object.keys(schema).length === 0) return undefined;
  let validate: ValidateForVerdict | 'unfit' | undefined;
  return (callArguments, work) => {
    validate ??= compile(schema);
    if (validate === 'unfit') return undefined;
    const validated = validate(callArguments, work);
    return validated.ok || validated.isUndecided !== true ? validated.ok : undefined;
  };
}

/** Only a schema that nobody has checked is unfit. */
function compile(schema: JsonObject): ValidateForVerdict | 'unfit' {
  try {
    return compileJsonSchema(schema, { forVerdict: true });
  } catch (thrown) {
    if (thrown instanceof JsonSchemaError) return 'unfit';
    throw thrown;
  }
}
