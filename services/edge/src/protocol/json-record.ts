import { isJsonObject } from '@toolplane/contracts';

export type JsonRecord = Record<string, unknown>;

/** Returns the value if it is an object, otherwise an empty object. */
export function toRecord(value: unknown): JsonRecord {
  return isJsonObject(value) ? value : {};
}
