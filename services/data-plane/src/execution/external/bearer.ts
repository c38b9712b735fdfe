import type { NamedSecret } from '../step-secrets.ts';

/** The name that replaces a token in texts that contained it. */
export const SIGN_IN = 'sign_in';

export function toBearer([token]: readonly NamedSecret[]): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token.value.reveal()}` };
}
