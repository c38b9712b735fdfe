import type { Parameter, parameterTypes } from './operation-schema.ts';

type ParameterType = (typeof parameterTypes)[number];

const types: readonly string[] = ['string', 'integer', 'number', 'boolean', 'array', 'object'];

/** Undefined where a schema does not say one. */
export function typeOf({ field_type: type = 'string', schema }: Parameter): ParameterType | undefined {
  if (schema === undefined) return type;
  const declared = schema['type'];
  const all = Array.isArray(declared) ? declared : [declared ?? null];
  return all.find((each): each is ParameterType => typeof each === 'string' && types.includes(each));
}
