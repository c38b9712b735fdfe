import { isJsonObject, type JsonObject } from '@toolplane/contracts';
import type { JsonRecord } from './json-record.ts';
import { invalidParams } from './mcp-error.ts';

/** Reads `params.inputResponses`, which has one object per key. The content is checked against the questions later. */
export function readInputResponses(params: JsonRecord): Record<string, JsonObject> | undefined {
  const responses = params['inputResponses'];
  if (responses === undefined) return undefined;
  if (!isJsonObject(responses) || !Object.values(responses).every(isJsonObject)) {
    throw invalidParams('inputResponses must be an object with one object per key');
  }
  return responses as Record<string, JsonObject>;
}
