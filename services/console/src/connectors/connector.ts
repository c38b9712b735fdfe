import type { Authentication } from '@toolplane/api-client';
import type { State } from '../parts/state.ts';

export const DEPRECATED: State = { label: 'deprecated', tone: 'idle' };

const AUTHENTICATIONS: Readonly<Record<string, string>> = {
  none: 'no sign-in',
  api_key: 'API key',
  bearer: 'token',
  basic: 'user name and password',
  oauth2_client_credentials: 'OAuth, as a program',
  oauth2_authorization_code: 'OAuth, as a person who signs in',
  oauth2_token_exchange: "OAuth, in exchange for the caller's token",
  custom: 'a custom method',
};

/** The kind of authentication, in words for people. */
export function wordsOf({ type }: Pick<Authentication, 'type'>): string {
  return AUTHENTICATIONS[type] ?? type;
}
