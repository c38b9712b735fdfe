import { z } from 'zod';

/** A whole number in a query, where it is text. Nothing else is accepted, neither an empty value nor `1e3`. */
export function queryNumber({ min, max }: { min: number; max: number }) {
  return toNumber({ min, max }).meta({ type: 'integer', minimum: min, maximum: max });
}

export function queryNumberOr(given: number, { min, max }: { min: number; max: number }) {
  return toNumber({ min, max }).default(given).meta({ type: 'integer', minimum: min, maximum: max, default: given });
}

function toNumber({ min, max }: { min: number; max: number }) {
  const rule = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, { error: rule, abort: true })
    .transform(Number)
    .refine((number) => number >= min && number <= max, rule);
}
