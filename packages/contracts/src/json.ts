import { z } from 'zod';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Values that came out of `JSON.parse` need no second walk, so the schema trusts the type. */
export const jsonSchema = z.custom<Json>((value) => value !== undefined);

export type JsonObject = { [key: string]: Json };

export const jsonObjectSchema = z.custom<JsonObject>(isJsonObject);

/** For results of `JSON.parse`, because the members are not checked. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Returns whether JSON is nested deeper than a limit. It never descends deeper than the limit itself. It runs for every
 * message.
 */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value) if (isDeeperThan(item, levels - 1)) return true;
  } else {
    for (const key in value) if (isDeeperThan((value as JsonObject)[key], levels - 1)) return true;
  }
  return false;
}

/** JSON with sorted keys. Equal values yield equal bytes, so that digests can represent content. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] as Json)}`);
    return `{${entries.join(',')}}`;
  }
  return JSON.stringify(value);
}
