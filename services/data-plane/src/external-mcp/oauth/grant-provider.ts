import type { OAuthClientMetadata, OAuthClientProvider } from '@modelcontextprotocol/client';
import type { OAuthState } from './oauth-state.ts';

export type GrantProvider = OAuthClientProvider & {
  /** The page on which a person signs in; present once a sign-in is needed. */
  readonly authorizationUrl: URL | undefined;
};

/** Lets the protocol's client read and write the state of one sign-in, the only one it knows. */
export function createGrantProvider(
  state: OAuthState,
  { oauthState = '', now }: { oauthState?: string; now(): number },
): GrantProvider {
  let authorizationUrl: URL | undefined;
  const clientMetadata: OAuthClientMetadata = {
    client_name: 'Toolplane',
    redirect_uris: [state.redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    // A platform with a fixed address can keep a secret.
    application_type: 'web',
  };
  return {
    get authorizationUrl() {
      return authorizationUrl;
    },
    redirectUrl: state.redirectUri,
    ...(state.clientMetadataUrl === undefined ? {} : { clientMetadataUrl: state.clientMetadataUrl }),
    clientMetadata,
    state: () => oauthState,
    clientInformation(context) {
      const { issuer } = context ?? {};
      // A client that an operator registered names no issuer, so it is now bound to the issuer that the server names.
      if (state.client !== undefined && issuer !== undefined) state.client = { issuer, ...state.client };
      return ofIssuer(state.client, issuer);
    },
    saveClientInformation(client) {
      state.client = client;
    },
    tokens: (context) => ofIssuer(state.tokens, context?.issuer),
    saveTokens(tokens) {
      state.tokens = tokens;
      delete state.expiresAt;
      if (tokens.expires_in !== undefined) state.expiresAt = now() + tokens.expires_in * 1000;
      delete state.challenge;
    },
    redirectToAuthorization(url) {
      authorizationUrl = url;
    },
    saveCodeVerifier(verifier) {
      state.verifier = verifier;
    },
    codeVerifier: () => state.verifier ?? '',
    saveDiscoveryState(discovery) {
      state.discovery = discovery;
    },
    discoveryState: () => state.discovery,
    invalidateCredentials(scope) {
      if (scope === 'all' || scope === 'client') delete state.client;
      if (scope === 'all' || scope === 'tokens') delete state.tokens;
      if (scope === 'all' || scope === 'verifier') delete state.verifier;
      if (scope === 'all' || scope === 'discovery') delete state.discovery;
    },
  };
}

function ofIssuer<Kept extends { issuer?: string | undefined }>(
  kept: Kept | undefined,
  issuer: string | undefined,
): Kept | undefined {
  const isOther = issuer !== undefined && kept?.issuer !== undefined && kept.issuer !== issuer;
  return isOther ? undefined : kept;
}
