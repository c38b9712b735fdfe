import type { Authentication } from '../descriptor/authentication-schema.ts';
import { idOf, isOauth } from '../descriptor/credential-fields.ts';
import type { DescriptorDraft } from '../descriptor/draft.ts';
import { checkCallerToken } from './check-caller-token.ts';
import { checkFields } from './check-fields.ts';
import { checkFixedUrl } from './check-url.ts';
import { reportDuplicates } from './report-duplicates.ts';

export function checkAuthentication(draft: DescriptorDraft): void {
  const { authentication: all, operations } = draft.connector;
  reportDuplicates(all.map(idOf), (id, index) => {
    const hint = 'Give each an "id": auth_type_ref names it.';
    draft.at('authentication', index).error('duplicate_id', `Duplicate authentication "${id}"`, hint);
  });
  for (const [index, authentication] of all.entries()) {
    checkFields(draft, authentication.fields, 'authentication', index, 'fields');
    checkUrls(draft, authentication, index);
    if (authentication.type === 'none' && authentication.fields.length > 0) {
      const message = 'An authentication of type none cannot have fields';
      draft
        .at('authentication', index, 'fields')
        .error('not_for_type', message, 'Remove them, or choose another type.');
    }
    checkExchange(draft, authentication, index);
    checkCallerToken(draft, authentication, index);
    const used = draft.names(['auth_type_ref'], 'operations');
    if (authentication.type === 'none' || operations.length === 0 || used.has(idOf(authentication))) continue;
    if (draft.hasBroken('operations') || draft.hasBroken('authentication', index)) continue;
    const hint = `Write auth_type_ref: ${idOf(authentication)} in the operations that need it.`;
    const message = `No operation uses the authentication "${idOf(authentication)}"`;
    draft.at('authentication', index).warn('unused_authentication', message, hint);
  }
}

/** A token exchange cannot be tested, because a test has no caller. */
function checkExchange(draft: DescriptorDraft, { type, test_endpoint: test }: Authentication, index: number): void {
  if (type !== 'oauth2_token_exchange' || test === undefined) return;
  const message = 'A test has no caller whose token could be exchanged';
  const place = draft.at('authentication', index, 'test_endpoint');
  place.error('not_for_type', message, 'Remove it.', { at: 'key' });
}

function checkUrls(draft: DescriptorDraft, authentication: Authentication, index: number): void {
  const at = (...path: string[]) => draft.at('authentication', index, ...path);
  const { test_endpoint: test } = authentication;
  if (test !== undefined) checkFixedUrl(draft, test.url, at('test_endpoint', 'url'));
  if ('token_url' in authentication) {
    checkFixedUrl(draft, authentication.token_url, at('token_url'));
    checkSecure(draft, authentication.token_url, index, 'token_url');
  }
  if ('authorization_url' in authentication)
    checkFixedUrl(draft, authentication.authorization_url, at('authorization_url'));
}

/** The client's secret is sent to this URL. If the API itself has no TLS, as in a test, the token URL needs none. */
function checkSecure(draft: DescriptorDraft, url: string, index: number, key: string): void {
  if (!/^http:/i.test(url) || usesPlainHttp(draft, index)) return;
  const message = 'A secret is sent to this URL, which is not an https: URL';
  draft.at('authentication', index, key).error('insecure_token_url', message, 'Write https:.');
}

function usesPlainHttp({ connector }: DescriptorDraft, index: number): boolean {
  const authentication = connector.authentication[index];
  if (authentication === undefined || !isOauth(authentication)) return true;
  const ref = idOf(authentication);
  return connector.operations.some((each) => each.auth_type_ref === ref && /^http:/i.test(each.endpoint));
}
