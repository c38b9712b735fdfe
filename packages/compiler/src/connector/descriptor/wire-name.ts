import type { Parameter } from './operation-schema.ts';

/** Returns the name of a parameter in the request. */
export function wireName({ name, send_as: sendAs }: Pick<Parameter, 'name' | 'send_as'>): string {
  return sendAs ?? name;
}
