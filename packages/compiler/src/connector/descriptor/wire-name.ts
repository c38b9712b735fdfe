import type { Parameter } from './operation-schema.ts';

/** Returns the name of a parameter in the request. */
export function wireName({ name, send_as: sendAs }: Pick<Parameter, 'name' | 'send_as'>): string {
  return sendAs ?? name;
}

/** Pagination names parameters either by the name that is sent or by their own name. */
export function isNamed({ name, send_as: sendAs }: Parameter, named: string | undefined): boolean {
  return named !== undefined && (sendAs === named || name === named);
}
