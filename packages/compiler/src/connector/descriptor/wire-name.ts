import type { Parameter } from './operation-schema.ts';

/** What a parameter is called in the request. */
export function wireName({ name, send_as: sendAs }: Pick<Parameter, 'name' | 'send_as'>): string {
  return sendAs ?? name;
}
