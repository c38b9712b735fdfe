import type { Json } from '@toolplane/contracts';

/** NaN, which no order holds for, unless the value is a number or a text that reads as one. */
export function toNumber(value: Json | undefined): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\s*[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/.test(value)
    ? Number(value)
    : Number.NaN;
}
