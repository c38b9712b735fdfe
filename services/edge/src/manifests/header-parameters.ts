import { isJsonObject, type JsonObject } from '@toolplane/contracts';

/** An argument that a modern client repeats in a header (MCP 2026-07-28, `x-mcp-header`). */
export type HeaderParameter = {
  /** The header name `mcp-param-…`, in lower case as Node provides header names. */
  header: string;
  /** Property names from the root of the arguments. */
  path: readonly string[];
};

/** Reads the same declarations as a client: nested properties, but nothing behind a `$ref` or `anyOf`. */
export function readHeaderParameters(schema: JsonObject, path: readonly string[] = []): HeaderParameter[] {
  const properties = schema['properties'];
  if (!isJsonObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, property]) => {
    if (!isJsonObject(property)) return [];
    const own = property['x-mcp-header'];
    const below = readHeaderParameters(property, [...path, name]);
    if (typeof own !== 'string') return below;
    return [{ header: `mcp-param-${own.toLowerCase()}`, path: [...path, name] }, ...below];
  });
}
