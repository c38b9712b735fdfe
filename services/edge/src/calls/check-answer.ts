import { type InputRequest, inputResponseSchemas, type JsonObject } from '@toolplane/contracts';
import { compileJsonSchema, JsonSchemaError } from '@toolplane/json-schema';
import { invalidParams } from '../protocol/mcp-error.ts';

/**
 * Checks that a response matches its question before it becomes part of a task. A task cannot return to a question, and
 * its client would never learn that an answer has a typing error. Throws `invalidParams`, without quoting the answer.
 */
export function checkAnswer(key: string, { method, params }: InputRequest, response: JsonObject): void {
  const parsed = inputResponseSchemas[method].safeParse(response);
  if (!parsed.success) throw notAnswered(key, parsed.error.issues[0]?.path.map(String) ?? []);
  const { requestedSchema } = params;
  if (response['action'] !== 'accept' || requestedSchema === undefined) return;
  const checked = compile(requestedSchema as JsonObject)?.(response['content'] ?? {});
  if (checked === undefined || checked.ok || checked.isUndecided) return;
  const [{ path = '', message = 'is not valid' } = {}] = checked.violations;
  throw notAnswered(key, ['content', ...path.split('/').slice(1)], message);
}

/** Returns undefined for a form that only its own server understands. */
function compile(schema: JsonObject) {
  try {
    return compileJsonSchema(schema, { forFewValues: true });
  } catch (thrown) {
    if (thrown instanceof JsonSchemaError) return undefined;
    throw thrown;
  }
}

function notAnswered(key: string, path: readonly string[], message = 'is missing or not valid') {
  return invalidParams(`The answer to ${key} is not what was asked for: /${path.join('/')} ${message}`);
}
