import type { Authentication, CredentialChain } from './authentication-schema.ts';
import type { Connector } from './connector-schema.ts';
import { credentialFields, idOf, isOauth } from './credential-fields.ts';
import type { Operation } from './operation-schema.ts';
import { keysOf, parseBraces } from './parse-braces.ts';

/** The headers and query of an operation that contain credentials, as written. */
export type CredentialTemplates = { headers: [string, string][]; query: [string, string][] };

/**
 * Returns the templates that an operation declares, or else those that its way to sign in implies. Returns undefined if
 * neither determines where the credentials are sent.
 */
export function credentialTemplates(
  { auth_headers: headers, auth_query: query }: Pick<Operation, 'auth_headers' | 'auth_query'>,
  authentication: Authentication | undefined,
): CredentialTemplates | undefined {
  const written = { headers: Object.entries(headers ?? {}), query: Object.entries(query ?? {}) };
  if (written.headers.length + written.query.length > 0 || authentication === undefined) return written;
  if (authentication.type === 'none') return { headers: [], query: [] };
  const value = authorizationOf(authentication);
  return value === undefined ? undefined : { headers: [['Authorization', value]], query: [] };
}

function authorizationOf(authentication: Authentication): string | undefined {
  if (isOauth(authentication)) return 'Bearer {access_token}';
  if (authentication.type === 'basic') return 'Basic {basic}';
  if (authentication.type !== 'bearer') return undefined;
  const [secret, ...others] = credentialFields(authentication).filter((field) => field.secret);
  return secret === undefined || others.length > 0 ? undefined : `Bearer {${secret.key}}`;
}

/** Returns the names that templates may use. */
export function credentialKeys(authentication: Authentication, chains: readonly CredentialChain[]): string[] {
  if (authentication.type === 'none') return [];
  return [
    ...credentialFields(authentication).map(({ key }) => key),
    ...(authentication.type === 'basic' ? ['basic'] : []),
    ...(isOauth(authentication) ? ['access_token'] : []),
    ...chains.flatMap(({ steps }) =>
      steps.flatMap(({ extract }) => Object.keys(extract).map((name) => `chain.${name}`)),
    ),
  ];
}

/** Returns the sign-ins of several requests that belong to a way to sign in. */
export function chainsOf(
  { credential_chains: chains, authentication: all }: Connector,
  authentication: Authentication,
): CredentialChain[] {
  const id = idOf(authentication);
  return chains.filter((chain) => (chain.authentication ?? (all.length === 1 ? id : undefined)) === id);
}

export function keysIn(texts: readonly string[]): string[] {
  return texts.flatMap((text) => keysOf(parseBraces(text).pieces).map(({ key }) => key));
}
