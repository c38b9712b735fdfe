import { AppError, toolScopes } from '@toolplane/contracts';
import { isApiKey } from '@toolplane/sealing';
import type { Logger } from '@toolplane/service-kit';
import Provider, { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { logAuthorizationServerFailed } from '../platform/events.ts';
import { PAGE_HEADERS, toDocument } from '../platform/pages/page.ts';
import { findMetadataProblem } from './client-metadata.ts';
import { OF_AGENTS } from './client-model.ts';
import { keepHere, toErrorPage } from './error-page.ts';
import type { SigningKeys } from './signing-keys.ts';
import { ACCESS_TOKEN_SECONDS, describeToken, writeClaims } from './tokens.ts';

type Parts = Parameters<typeof writeClaims>[0];

const DAY_SECONDS = 24 * 60 * 60;
const SIGN_IN_SECONDS = 15 * 60;

/** The name of the session cookie, which serves one sign-in only. */
export const COOKIE_OF_SESSION = 'toolplane-oauth';

/** Paths of the endpoints, relative to the issuer. */
export const PATHS = {
  authorization: '/authorize',
  jwks: '/jwks',
  registration: '/register',
  revocation: '/revoke',
  token: '/token',
} as const;

/**
 * Creates the authorization server itself (oidc-provider), restricted to what MCP needs: codes with PKCE for one server
 * at a time, refresh tokens for one use, and tokens that edges verify by their signature.
 */
export function createProvider(
  options: Parts & {
    issuer: string;
    interactionPath: (uid: string) => string;
    signingKeys: SigningKeys;
    cookieKeys: string[];
    pepper: string;
    models: Configuration['adapter'];
    fetch: (url: string, signal: AbortSignal | undefined) => Promise<Response>;
    logger: Logger;
  },
): Provider {
  const { issuer, signingKeys, servers, people, logger, pepper } = options;
  const [{ kid: signingKeyId } = { kid: '' }] = signingKeys.publicKeys;
  const provider = new Provider(issuer, {
    adapter: options.models,
    jwks: signingKeys.privateJwks,
    cookies: {
      keys: options.cookieKeys,
      names: { session: COOKIE_OF_SESSION, interaction: 'toolplane-oauth-step', resume: 'toolplane-oauth-resume' },
      long: { path: new URL(issuer).pathname, httpOnly: true, sameSite: 'lax' },
      short: { httpOnly: true, sameSite: 'lax' },
    },
    interactions: { url: (_ctx, { uid }) => options.interactionPath(uid) },
    routes: { ...PATHS },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
      registration: {
        enabled: true,
        idFactory: () => `dyn_${crypto.randomUUID()}`,
        issueRegistrationAccessToken: false,
      },
      clientIdMetadataDocument: {
        enabled: true,
        ack: 'draft-02',
        cacheDuration: { min: 300, max: 300 },
      },
      resourceIndicators: {
        enabled: true,
        async defaultResource(_ctx, _client, oneOf) {
          const [resource, ...others] = oneOf === undefined ? [] : [oneOf].flat();
          if (resource === undefined || others.length > 0) {
            throw new errors.InvalidTarget('the parameter resource must name one server');
          }
          return resource;
        },
        useGrantedResource: () => true,
        getResourceServerInfo(ctx, resource) {
          if (Array.isArray(ctx.oidc.params?.['resource'])) {
            throw new errors.InvalidTarget('the parameter resource must name one server');
          }
          return describeToken(servers, resource, signingKeyId);
        },
      },
    },
    formats: {
      customizers: { jwt: (ctx, token, parts) => writeClaims(options, token, parts, ctx.oidc.params?.['scope']) },
    },
    responseTypes: ['code'],
    scopes: ['offline_access', ...toolScopes],
    claims: {},
    pkce: { required: () => true },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    enabledJWA: {
      clientAuthSigningAlgValues: ['ES256', 'RS256', 'PS256', 'EdDSA'],
      idTokenSigningAlgValues: ['ES256'],
    },
    // Few clients declare their type. Most are programs on a person's machine, which listen on changing ports.
    clientDefaults: { application_type: 'native', id_token_signed_response_alg: 'ES256' },
    // Any known property would do: if at least one is declared, the library calls the validator for every client,
    // whatever its origin.
    extraClientMetadata: {
      properties: ['software_id'],
      validator(_ctx, _key, _value, metadata) {
        const problem = findMetadataProblem(
          metadata as Record<string, unknown>,
          metadata.client_id?.startsWith(OF_AGENTS),
        );
        if (problem !== undefined) throw new errors.InvalidClientMetadata(problem);
      },
    },
    sectorIdentifierUriValidate: () => false,
    // Responses do not allow browsers to send credentials, and cookies have no effect at these paths.
    clientBasedCORS: () => true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    expiresWithSession: async () => false,
    ttl: {
      AuthorizationCode: 60,
      Interaction: SIGN_IN_SECONDS,
      Session: SIGN_IN_SECONDS,
      Grant: 90 * DAY_SECONDS,
      RefreshToken: 30 * DAY_SECONDS,
      AccessToken: ACCESS_TOKEN_SECONDS,
      ClientCredentials: ACCESS_TOKEN_SECONDS,
      IdToken: ACCESS_TOKEN_SECONDS,
    },
    async findAccount(ctx, accountId, token) {
      const resource = (token !== undefined && 'resource' in token ? token.resource : undefined) ?? resourceOf(ctx);
      const server = typeof resource === 'string' ? await servers.find(resource) : undefined;
      const role = server && (await people.findRole(accountId, server.workspaceId));
      return role === undefined ? undefined : { accountId, claims: () => ({ sub: accountId }) };
    },
    renderError(ctx, out) {
      const page = toErrorPage(ctx, out);
      ctx.set(PAGE_HEADERS);
      ctx.status = page.status;
      ctx.body = toDocument(page);
    },
    fetch: (url, { signal } = {}) => options.fetch(String(url), signal ?? undefined),
  });
  provider.Client.prototype.compareClientSecret = function (actual) {
    return isApiKey(pepper, actual, this.clientSecret ?? '');
  };
  // The protocol, host and path are always those under which clients reach the server, whatever a request says and
  // whichever proxy is in front.
  const { protocol, host, pathname } = new URL(issuer);
  Object.defineProperties(provider.request, {
    protocol: { get: () => protocol.slice(0, -1) },
    host: { get: () => host },
  });
  provider.use((ctx, next) => {
    ctx['mountPath'] = pathname;
    return next();
  });
  provider.on('authorization.error', keepHere);
  provider.on('server_error', (ctx, error) => {
    if (error instanceof errors.OIDCProviderError) keepHere(ctx, error);
    if (!(error instanceof AppError)) logAuthorizationServerFailed(logger, error);
  });
  return provider;
}

/** The resource that the request names. */
export function resourceOf(ctx: KoaContextWithOIDC | undefined): string | undefined {
  const resource = ctx?.oidc?.params?.['resource'];
  return typeof resource === 'string' ? resource : undefined;
}
