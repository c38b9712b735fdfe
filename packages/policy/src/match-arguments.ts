import type { JsonObject } from '@toolplane/contracts';
import { compileJsonSchema, JsonSchemaError, type ValidateForVerdict, type WorkBudget } from '@toolplane/json-schema';

/** Returns undefined if it cannot be decided whether the arguments match. */
export type MatchArguments = (callArguments: JsonObject, work: WorkBudget) => boolean | undefined;

/** Undefined if there is no condition. A schema without keywords is fulfilled by anything. */
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

/** A schema can be unfit only if nobody has checked it. */
function compile(schema: JsonObject): ValidateForVerdict | 'unfit' {
  try {
    return compileJsonSchema(schema, { forVerdict: true });
  } catch (thrown) {
    if (thrown instanceof JsonSchemaError) return 'unfit';
    throw thrown;
  }
}
