import { isHttpToken, isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';

const KEY = 'x-mcp-header';
const NAME_LENGTH_MAX = 64;
const TYPES: readonly unknown[] = ['string', 'integer', 'boolean'];

type ParameterHeaders = {
  schema: JsonObject;
  /** The names of headers, each with the path of its argument. */
  headers: [string, string[]][];
};

/**
 * Returns the arguments that a server wants repeated in headers (MCP 2026-07-28, `x-mcp-header`): only properties and
 * their properties, nothing behind a `$ref` or `anyOf`. A declaration that breaks a rule is removed from the schema,
 * because clients refuse a tool that has one.
 */
export function extractParameterHeaders(inputSchema: JsonObject): ParameterHeaders {
  const headers: ParameterHeaders['headers'] = [];
  const used = new Set<string>();

  /** `path` is undefined for schemas in which no client searches for headers. */
  function clean(schema: JsonObject, path: readonly string[] | undefined): JsonObject {
    const members = Object.entries(schema).flatMap(([key, member]): [string, Json][] => {
      if (key === KEY) return path !== undefined && accepts(member, schema, path) ? [[key, member]] : [];
      if (key === 'properties' && isJsonObject(member)) return [[key, cleanEach(member, path)]];
      return [[key, cleanOther(member)]];
    });
    return Object.fromEntries(members);
  }

  function cleanEach(properties: JsonObject, path: readonly string[] | undefined): JsonObject {
    return Object.fromEntries(
      Object.entries(properties).map(([name, property]) => {
        const at = path === undefined ? undefined : [...path, name];
        return [name, isJsonObject(property) ? clean(property, at) : property];
      }),
    );
  }

  function cleanOther(value: Json): Json {
    if (Array.isArray(value)) return value.map(cleanOther);
    return isJsonObject(value) ? clean(value, undefined) : value;
  }

  function accepts(header: Json, { type }: JsonObject, path: readonly string[]): boolean {
    if (path.length === 0 || !TYPES.includes(type)) return false;
    if (typeof header !== 'string' || !isHttpToken(header, NAME_LENGTH_MAX)) return false;
    if (used.has(header.toLowerCase())) return false;
    used.add(header.toLowerCase());
    headers.push([header, [...path]]);
    return true;
  }

  return { schema: clean(inputSchema, []), headers };
}
