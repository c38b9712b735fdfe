import { AppError, type JsonObject } from '@toolplane/contracts';
import { compileJsonSchema, type Validate } from '@toolplane/json-schema';

/** Returns the inputs with their defaults. Throws `step_failed` if the schema refuses the inputs. */
export type CheckInputs = (inputs: JsonObject, workflowId: string | undefined) => JsonObject;

/** The schema is compiled when the first inputs arrive, because many plans have workflows that few calls ever reach. */
export function prepareInputs(schema: JsonObject | undefined): CheckInputs {
  if (schema === undefined) return (inputs) => inputs;
  let validate: Validate | undefined;
  return (inputs, workflowId) => {
    validate ??= compileJsonSchema(schema);
    const checked = validate(inputs);
    if (checked.ok) return checked.value as JsonObject;
    throw new AppError('step_failed', `The inputs of the workflow ${workflowId} are not valid: ${explain(checked)}`);
  };
}

/** Mentions only names from the document: a deeper part of the path may come from an upstream. */
function explain({ violations }: Extract<ReturnType<Validate>, { ok: false }>): string {
  const places = violations.map(({ path, rule }) => {
    const [, input] = path.split('/');
    return input === undefined ? `rule ${rule}` : `${input} (rule ${rule})`;
  });
  return [...new Set(places)].slice(0, 5).join(', ');
}
