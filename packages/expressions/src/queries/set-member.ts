import type { Json, JsonObject } from '@toolplane/contracts';
import { ExpressionError } from '../expression-error.ts';

/** Keys that would change more than the value in which they are set. */
const refusedKeys = new Set<string | number>(['__proto__', 'constructor', 'prototype']);

export function isRefusedKey(key: string | number): boolean {
  return refusedKeys.has(key);
}

export function setMember(holder: Json[] | JsonObject, key: string | number, value: Json): void {
  if (!Array.isArray(holder)) {
    if (isRefusedKey(key)) throw unknownLocation();
    holder[key] = value;
  } else if (typeof key === 'number') {
    holder[key] = value;
  } else {
    throw unknownLocation();
  }
}

export function unknownLocation(): ExpressionError {
  return new ExpressionError(
    'invalid_upstream_request',
    'A replacement targets a place that the payload does not have',
  );
}
