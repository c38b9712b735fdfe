import { suggestName } from '../../document/suggest-name.ts';
import type { Authentication } from '../descriptor/authentication-schema.ts';
import { idOf } from '../descriptor/credential-fields.ts';
import {
  type CredentialTemplates,
  chainsOf,
  credentialKeys,
  credentialTemplates,
  keysIn,
} from '../descriptor/credential-templates.ts';
import type { DescriptorDraft } from '../descriptor/draft.ts';
import { AUTHENTICATION_NAME, isUnknownAuthentication } from './check-chains.ts';
import { headerKey } from './check-parameters.ts';
import { checkHeaders, checkTemplate } from './check-template.ts';
import type { LocatedOperation, OperationCredentials } from './operation-context.ts';

export function checkCredentials({ draft, operation, part }: LocatedOperation): OperationCredentials {
  const { auth_type_ref: ref } = operation;
  const authentication = draft.connector.authentication.find((each) => idOf(each) === ref);
  if (ref !== undefined && isUnknownAuthentication(draft, ref)) {
    const hint = suggestName(ref, [...draft.names(AUTHENTICATION_NAME, 'authentication')], 'Available');
    part.place('auth_type_ref').error('unknown_authentication', `There is no authentication "${ref}"`, hint);
  }
  const templates = credentialTemplates(operation, authentication);
  const keys = knownKeys(draft, ref, authentication, templates);
  if (templates === undefined && keys !== undefined) {
    const hint = 'Write auth_headers or auth_query, for instance {X-API-Key: "{api_key}"}.';
    const message = `Nothing says where the credentials of "${ref}" go`;
    part.place('auth_type_ref').error('missing_auth_headers', message, hint);
  }
  const { headers, query } = templates ?? { headers: [], query: [] };
  const texts = [...headers, ...query].map(([, text]) => text);
  if (operation.auth_headers !== undefined) checkHeaders(headers, part.place('auth_headers'), keys);
  for (const [name, text] of query) checkTemplate(text, part.place('auth_query').place(name), keys);
  if (templates !== undefined && keys !== undefined && keys.length > 0 && keysIn(texts).length === 0) {
    const message = `No value of the authentication "${ref}" is sent`;
    part
      .place('auth_type_ref')
      .warn('unused_credentials', message, 'Use one of its fields, or leave auth_type_ref out.');
  }
  return { headers, query, keys };
}

/** Returns the headers in which any operation sends credentials, normalized by `headerKey`. */
export function listCredentialHeaders({ connector: { operations } }: DescriptorDraft): Set<string> {
  const names = operations.flatMap(({ auth_headers: headers }) => Object.keys(headers ?? {}));
  return new Set(['authorization', ...names.map(headerKey)]);
}

function knownKeys(
  draft: DescriptorDraft,
  ref: string | undefined,
  authentication: Authentication | undefined,
  templates: CredentialTemplates | undefined,
): string[] | undefined {
  if (ref === undefined) return [];
  if (authentication === undefined) return undefined;
  const index = draft.connector.authentication.indexOf(authentication);
  if (draft.hasUnnamed(['key'], 'authentication', index, 'fields')) return undefined;
  const keys = credentialKeys(authentication, chainsOf(draft.connector, authentication));
  return draft.hasBroken('credential_chains') ? [...keys, ...chainKeysIn(templates)] : keys;
}

/** Returns the keys that chains would have to extract. */
function chainKeysIn({ headers, query }: CredentialTemplates = { headers: [], query: [] }): string[] {
  return keysIn([...headers, ...query].map(([, text]) => text)).filter((key) => key.startsWith('chain.'));
}
