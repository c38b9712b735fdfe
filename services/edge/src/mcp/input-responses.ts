import type { JsonObject } from '@toolplane/contracts';
import { invalidParams, type JsonRecord } from './mcp-request.ts';

/** `params.inputResponses`: one object per key. What is in them is checked against the questions, later. */
export function readInputResponses(params: JsonRecord): Record<string, JsonObject> | undefined {
  const responses = params['inputResponses'];
  if (responses === undefined) return undefined;
  if (!isObject(responses) || !Object.values(responses).every(isObject)) {
    throw invalidParams('inputResponses is an object with one object per key');
  }
  return responses as Record<string, JsonObject>;
}

function isObject(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
