import type { NamedSecret } from '../step-secrets.ts';

/** Replaces a token where a text contained it. */
export const SIGN_IN = 'sign_in';

export function toBearer([token]: readonly NamedSecret[]): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token.value.reveal()}` };
}
