import type { IncomingMessage } from 'node:http';
import { AppError, isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { parseMessage } from '../transports/parse-message.ts';
import { readBody } from '../transports/read-body.ts';

const PARAMETERS_MAX = 200;

/**
 * Reads the arguments of a run: the query of a GET, or `{"inputs": {…}}`. The schema of the tool decides whether they
 * are valid.
 */
export async function readInputs(request: IncomingMessage, schema: JsonObject): Promise<unknown> {
  if (request.method === 'GET') return readQuery(request.url ?? '', schema);
  const body = parseMessage(await readBody(request));
  if (!isJsonObject(body)) throw noInputs();
  const { inputs = {}, ...others } = body;
  if (Object.keys(others).length > 0 || !isJsonObject(inputs)) throw noInputs();
  return inputs;
}

function noInputs(): AppError {
  return new AppError('invalid_request', 'The body must be an object whose only member is inputs, also an object');
}

/**
 * Reads arguments from a query. Everything in a URL is text, so the schema determines the types as far as it can. A
 * list is a repeated name.
 */
function readQuery(url: string, { properties }: JsonObject): JsonObject {
  const at = url.indexOf('?');
  const parameters = new URLSearchParams(at < 0 ? '' : url.slice(at));
  if (parameters.size > PARAMETERS_MAX) throw new AppError('invalid_request', `At most ${PARAMETERS_MAX} parameters`);
  const inputs: JsonObject = Object.create(null);
  for (const name of new Set(parameters.keys())) {
    const schema = isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
    inputs[name] = readValues(parameters.getAll(name), isJsonObject(schema) ? schema : {});
  }
  return inputs;
}

function readValues(texts: string[], schema: JsonObject): Json {
  const [text = '', ...others] = texts;
  if (!typesOf(schema).includes('array')) return others.length === 0 ? readValue(text, schema) : texts;
  const { items } = schema;
  const parsed = others.length === 0 && text.startsWith('[') ? parse(text) : undefined;
  return Array.isArray(parsed) ? parsed : texts.map((it) => readValue(it, isJsonObject(items) ? items : {}));
}

/** A text that does not fit its type remains a text, and the schema of the tool refuses it. */
function readValue(text: string, schema: JsonObject): Json {
  const types = typesOf(schema);
  if (types.length === 0 || types.includes('string')) return text;
  const value = parse(text);
  return value !== undefined && types.includes(typeOf(value)) ? value : text;
}

function parse(text: string): Json | undefined {
  try {
    return parseMessage(text) as Json;
  } catch {
    return undefined;
  }
}

function typesOf({ type }: JsonObject): Json[] {
  const types = type === undefined ? [] : [type].flat();
  return types.includes('integer') ? [...types, 'number'] : types;
}

function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
