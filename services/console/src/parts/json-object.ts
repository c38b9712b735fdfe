import type { JsonObject } from '@toolplane/contracts';

/** The typed JSON object. Undefined if the text is not one. */
export function toObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}
