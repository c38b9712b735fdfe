import type { Json } from '@toolplane/contracts';
import { type Budget, toText } from '@toolplane/expressions';
import { spendOn } from './spend-on.ts';

/** Writes a string in quotes and null as `null`, unlike `toText`. */
export function toJsonText(value: Json, budget: Budget): string {
  return typeof value === 'string' || value === null ? spendOn(JSON.stringify(value), budget) : toText(value, budget);
}

export function isJsonType(contentType: string | undefined): boolean {
  return contentType !== undefined && /^[^;]*[/+]json\b/i.test(contentType);
}
