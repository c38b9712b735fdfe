import { isJsonObject } from '@toolplane/contracts';

export type JsonRecord = Record<string, unknown>;

/** Returns an empty object for a value that is not an object. */
export function toRecord(value: unknown): JsonRecord {
  return isJsonObject(value) ? value : {};
}
