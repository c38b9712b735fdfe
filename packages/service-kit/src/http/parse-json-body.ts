import { AppError } from '@toolplane/contracts';

/**
 * Errors never quote the body, which the messages of `JSON.parse` would. Keys that could change a prototype are
 * refused, because any later copy of the object could apply them.
 */
export function parseJsonBody(bytes: Uint8Array, { valuesMax = Number.POSITIVE_INFINITY } = {}): unknown {
  let values = 0;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), (key, value: unknown) => {
      values += 1;
      if (values > valuesMax) throw new AppError('invalid_request', `The body holds more than ${valuesMax} values`);
      if (reachesPrototype(key, value)) throw new AppError('invalid_request', `The key ${key} is not allowed`);
      return value;
    });
  } catch (error) {
    throw error instanceof AppError ? error : new AppError('invalid_request', 'The body is not valid JSON');
  }
}

function reachesPrototype(key: string, value: unknown): boolean {
  if (key === '__proto__') return true;
  return key === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype');
}
