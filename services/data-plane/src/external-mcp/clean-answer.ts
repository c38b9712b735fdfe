import { isSpecType } from '@modelcontextprotocol/client';
import { AppError, type InputRequest, isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { compileJsonSchema, JsonSchemaError, type Validate } from '@toolplane/json-schema';
import { isNestedDeeper } from './nesting.ts';

const DEPTH_MAX = 20;

/**
 * Returns a client's answer in the form in which an external server receives it: only what was asked for. Throws
 * `invalid_input_response`, which names positions and rules but nothing of the answer.
 */
export function cleanAnswer({ method, params }: InputRequest, answer: Json): JsonObject {
  if (!isJsonObject(answer) || isNestedDeeper(answer, DEPTH_MAX)) throw noAnswer();
  const result = pick(answer, MEMBERS[method]);
  if (!isResult(method, result)) throw noAnswer();
  if (method !== 'elicitation/create') return result;
  // Values that a person typed in before they declined are not sent.
  if (result['action'] !== 'accept') return pick(result, ['action']);
  const { requestedSchema } = params;
  return isJsonObject(requestedSchema)
    ? { ...result, content: readForm(requestedSchema, result['content'] ?? {}) }
    : result;
}

/** Returns the fields that a person has filled in, with defaults for fields that were left out. */
function readForm(requestedSchema: JsonObject, content: Json): Json {
  const validated = compileForm(requestedSchema)?.(content);
  if (validated === undefined) return content;
  if (validated.ok) return validated.value;
  const [{ path, message } = { path: '', message: 'is not valid' }] = validated.violations;
  throw invalid(`/content${path} ${message}`);
}

/** Returns undefined for a form whose rules cannot be checked here. */
function compileForm(requestedSchema: JsonObject): Validate | undefined {
  try {
    return compileJsonSchema(requestedSchema, { forFewValues: true });
  } catch (thrown) {
    if (thrown instanceof JsonSchemaError) return undefined;
    throw thrown;
  }
}

const MEMBERS: Record<InputRequest['method'], readonly string[]> = {
  'elicitation/create': ['action', 'content'],
  'sampling/createMessage': ['role', 'content', 'model', 'stopReason'],
  'roots/list': ['roots'],
};

function isResult(method: InputRequest['method'], result: JsonObject): boolean {
  if (method === 'elicitation/create') return isSpecType.ElicitResult(result);
  if (method === 'sampling/createMessage') return isSpecType.CreateMessageResult(result);
  return isSpecType.ListRootsResult(result);
}

/** Removes `_meta`, in which clients may send more about themselves and their users. */
function pick(value: JsonObject, names: readonly string[]): JsonObject {
  return withoutMeta(Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)))) as JsonObject;
}

function withoutMeta(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutMeta);
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value).filter(([name]) => name !== '_meta');
  return Object.fromEntries(members.map(([name, member]) => [name, withoutMeta(member)]));
}

function noAnswer(): AppError {
  return invalid('it does not have the form that MCP defines');
}

function invalid(reason: string): AppError {
  return new AppError('invalid_input_response', `The answer is not what was asked for: ${reason}`);
}
