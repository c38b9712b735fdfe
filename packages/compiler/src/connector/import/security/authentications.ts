import { headerNameProblem } from '../../../http/header-name.ts';
import type { SecurityNeed } from '../../../openapi/model.ts';
import type { ConnectorInput } from '../../descriptor/connector-schema.ts';

type Authentication = NonNullable<ConnectorInput['authentication']>[number];

/** How an operation sends an authentication. */
export type CredentialPlacement = { headers: Record<string, string>; query: Record<string, string> };

export type AppliedAuthentication = { authentication: Authentication; injection: CredentialPlacement };

/**
 * Converts one alternative of OpenAPI security, whose requirements must all be met. Returns undefined if a connector
 * cannot meet them. API keys beside other requirements become fields of the same authentication. `isPlain` is true if
 * the API has no TLS.
 */
export function toSignIn(
  id: string,
  needs: readonly SecurityNeed[],
  isPlain: boolean,
): AppliedAuthentication | undefined {
  const [first] = needs;
  if (first === undefined) return undefined;
  if (needs.length === 1) return toSimple(id, first, isPlain);
  const keys = needs.filter(({ scheme }) => scheme.type === 'apiKey');
  const login = toLogin(
    id,
    needs.filter((need) => !keys.includes(need)),
    isPlain,
  );
  if (login === undefined) return undefined;
  const injection: CredentialPlacement = { headers: { ...login.injection.headers }, query: {} };
  const fields = [...(login.authentication.fields ?? [])];
  for (const { scheme, schemeName } of keys) {
    const place = placeOf(scheme);
    const key = fieldKey(schemeName);
    if (place === undefined || fields.some((field) => field.key === key)) return undefined;
    fields.push({ key, label: schemeName.slice(0, 200), field_type: 'secret', required: true });
    injection[place.in][place.name] = `{${key}}`;
  }
  return { authentication: { ...login.authentication, fields }, injection };
}

/**
 * Chooses what the Authorization header contains. There is only one such header, so several ways to obtain a token are
 * alternatives.
 */
function toLogin(id: string, needs: readonly SecurityNeed[], isPlain: boolean): AppliedAuthentication | undefined {
  const none: CredentialPlacement = { headers: {}, query: {} };
  if (needs.length === 0) return { authentication: { type: 'custom', id, fields: [] }, injection: none };
  const possible = needs.map((need) => toSimple(id, need, isPlain));
  if (needs.length > 1 && !needs.every(({ scheme }) => givesToken(scheme))) return undefined;
  const signIn = possible.find((each) => each?.authentication.type !== 'bearer') ?? possible[0];
  if (signIn === undefined) return undefined;
  const { type } = signIn.authentication;
  const template = type === 'bearer' ? 'Bearer {token}' : type === 'basic' ? 'Basic {basic}' : 'Bearer {access_token}';
  return { ...signIn, injection: { headers: { Authorization: template }, query: {} } };
}

function toSimple(id: string, { scheme }: SecurityNeed, isPlain: boolean): AppliedAuthentication | undefined {
  const none: CredentialPlacement = { headers: {}, query: {} };
  const secret = (key: string, label: string) => [{ key, label, field_type: 'secret' as const, required: true }];
  if (scheme.type === 'apiKey') {
    const place = placeOf(scheme);
    if (place === undefined) return undefined;
    const injection = { ...none, [place.in]: { [place.name]: '{api_key}' } };
    return { authentication: { type: 'api_key', id, fields: secret('api_key', 'API key') }, injection };
  }
  if (scheme.type === 'http' && scheme.scheme === 'basic') {
    const fields = [
      { key: 'username', label: 'User name', field_type: 'string' as const, required: true },
      ...secret('password', 'Password'),
    ];
    return { authentication: { type: 'basic', id, fields }, injection: none };
  }
  if (scheme.type === 'oauth2') {
    const { authorizationCode, clientCredentialsTokenUrl } = scheme;
    const scope = { scopes: [] };
    if (
      authorizationCode !== undefined &&
      isUrl(isPlain, authorizationCode.tokenUrl, authorizationCode.authorizationUrl)
    ) {
      const urls = { authorization_url: authorizationCode.authorizationUrl, token_url: authorizationCode.tokenUrl };
      return { authentication: { type: 'oauth2_authorization_code', id, ...urls, ...scope }, injection: none };
    }
    if (clientCredentialsTokenUrl !== undefined && isUrl(isPlain, clientCredentialsTokenUrl)) {
      const url = { token_url: clientCredentialsTokenUrl };
      return { authentication: { type: 'oauth2_client_credentials', id, ...url, ...scope }, injection: none };
    }
  }
  // The other flows and OpenID Connect result in a token that a person can enter.
  return givesToken(scheme)
    ? { authentication: { type: 'bearer', id, fields: secret('token', 'Token') }, injection: none }
    : undefined;
}

/** Returns an empty list if at least one of the flows can be used. */
export function unusableUrls(scheme: SecurityNeed['scheme'], isPlain: boolean): string[] {
  if (scheme.type !== 'oauth2') return [];
  const { authorizationCode, clientCredentialsTokenUrl } = scheme;
  const flows = [
    ...(authorizationCode === undefined ? [] : [[authorizationCode.authorizationUrl, authorizationCode.tokenUrl]]),
    ...(clientCredentialsTokenUrl === undefined ? [] : [[clientCredentialsTokenUrl]]),
  ];
  if (flows.some((urls) => isUrl(isPlain, ...urls))) return [];
  return flows.flat().filter((url) => !isUrl(isPlain, url));
}

function givesToken(scheme: SecurityNeed['scheme']): boolean {
  return scheme.type === 'http'
    ? scheme.scheme === 'bearer'
    : scheme.type === 'oauth2' || scheme.type === 'openIdConnect';
}

function placeOf(scheme: SecurityNeed['scheme']): { in: 'headers' | 'query'; name: string } | undefined {
  if (scheme.type !== 'apiKey' || scheme.in === 'cookie' || scheme.name === '' || scheme.name.length > 200) {
    return undefined;
  }
  if (scheme.in === 'header' && headerNameProblem(scheme.name) !== undefined) return undefined;
  return { in: scheme.in === 'header' ? 'headers' : 'query', name: scheme.name };
}

/** The client's secret is sent to these URLs, so they may lack TLS only if the API lacks it as well. */
function isUrl(isPlain: boolean, ...texts: string[]): boolean {
  const scheme = isPlain ? /^https?:\/\//i : /^https:\/\//i;
  return texts.every((text) => scheme.test(text) && text.length <= 4000 && URL.canParse(text));
}

/** Converts a name so that it is valid as the key of a field and as the id of an authentication. */
export function fieldKey(name: string): string {
  const snake = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[^a-z]+|_+$/g, '');
  return snake.slice(0, 60).replace(/_+$/, '') || 'key';
}
