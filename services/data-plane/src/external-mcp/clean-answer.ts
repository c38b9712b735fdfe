import { isSpecType } from '@modelcontextprotocol/client';
import { AppError, type InputRequest, type Json, type JsonObject } from '@toolplane/contracts';
import { isObject } from './declared.ts';
import { isNestedDeeper } from './nesting.ts';

const DEPTH_MAX = 20;

/** An answer of a client as an external server gets it: of the form that was asked for, and nothing besides. */
export function cleanAnswer({ method }: InputRequest, answer: Json): JsonObject {
  if (!isObject(answer) || isNestedDeeper(answer, DEPTH_MAX)) throw noAnswer();
  const result = pick(answer, MEMBERS[method]);
  if (!isResult(method, result)) throw noAnswer();
  // What was typed in before somebody declined stays with them.
  return method === 'elicitation/create' && result['action'] !== 'accept' ? pick(result, ['action']) : result;
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

/** Clients say more of themselves and of theirs in `_meta`. */
function pick(value: JsonObject, names: readonly string[]): JsonObject {
  return withoutMeta(Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)))) as JsonObject;
}

function withoutMeta(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutMeta);
  if (!isObject(value)) return value;
  const members = Object.entries(value).filter(([name]) => name !== '_meta');
  return Object.fromEntries(members.map(([name, member]) => [name, withoutMeta(member)]));
}

function noAnswer(): AppError {
  return new AppError('input_declined', 'The answer of the client has not the form that was asked for');
}
