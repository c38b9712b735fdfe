import type { Authentication } from '../descriptor/authentication-schema.ts';
import { idOf } from '../descriptor/credential-fields.ts';
import { credentialTemplates } from '../descriptor/credential-templates.ts';
import type { DescriptorDraft } from '../descriptor/draft.ts';
import { neededCredentials } from '../descriptor/needed-credentials.ts';

/**
 * A key or a password is valid for one API. A token may be valid for others, and an API that receives it could use it
 * there.
 */
const TOKEN_TYPES: readonly Authentication['type'][] = [
  'bearer',
  'oauth2_client_credentials',
  'oauth2_authorization_code',
];

/**
 * Warns once for each authentication that passes on a caller's own token, unless the descriptor declares that this is
 * intended.
 */
export function checkCallerToken(draft: DescriptorDraft, authentication: Authentication, index: number): void {
  const isDecided = 'caller_token' in authentication && authentication.caller_token !== undefined;
  if (isDecided || !TOKEN_TYPES.includes(authentication.type) || !takesCallerToken(draft, authentication)) return;
  const message = 'The token in X-Upstream-Authorization is passed to the API unchanged';
  const hint =
    'Use the type oauth2_token_exchange, or write caller_token: refuse, or caller_token: pass if tokens are issued for this API alone.';
  draft.at('authentication', index).warn('caller_token_passed_on', message, hint);
}

function takesCallerToken({ connector }: DescriptorDraft, authentication: Authentication): boolean {
  return connector.operations
    .filter(({ auth_type_ref: ref }) => ref === idOf(authentication))
    .some((operation) => {
      const templates = credentialTemplates(operation, authentication);
      return templates !== undefined && neededCredentials(connector, authentication, templates).ownToken !== undefined;
    });
}
