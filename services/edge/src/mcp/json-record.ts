export type JsonRecord = Record<string, unknown>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns an empty object for a value that is not an object. */
export function toRecord(value: unknown): JsonRecord {
  return isRecord(value) ? value : {};
}
