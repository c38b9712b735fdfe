export type JsonRecord = Record<string, unknown>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Something empty in the place of what is no object. */
export function toRecord(value: unknown): JsonRecord {
  return isRecord(value) ? value : {};
}
