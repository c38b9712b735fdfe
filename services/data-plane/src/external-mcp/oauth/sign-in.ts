import {
  type AuthOptions,
  auth,
  computeScopeUnion,
  OAuthError,
  refreshAuthorization,
} from '@modelcontextprotocol/client';
import { AppError } from '@toolplane/contracts';
import type { HttpClient } from '../../egress/http-client.ts';
import type { ExternalTarget } from '../external-target.ts';
import { createGrantProvider, type GrantProvider } from './grant-provider.ts';
import { toSignInError } from './oauth-error.ts';
import { createOAuthFetch } from './oauth-fetch.ts';
import type { OAuthState } from './oauth-state.ts';
import { requestChallenge } from './read-challenge.ts';

type Services = { http: Pick<HttpClient, 'send'>; signal: AbortSignal; now(): number };
type SignInTarget = Pick<ExternalTarget, 'workspaceId' | 'url' | 'transport' | 'headers'>;

/**
 * Begins a sign-in to an external server (MCP 2026-07-28, authorization): determines the issuer of its tokens,
 * registers a client if necessary, and returns the page on which a person signs in. `state` has to be stored until the
 * sign-in is finished.
 */
export async function startSignIn(
  { http, signal, now }: Services,
  target: SignInTarget,
  { known, oauthState, scopes }: { known: OAuthState; oauthState: string; scopes: readonly string[] },
): Promise<{ authorizationUrl: string; state: OAuthState }> {
  const asked = await requestChallenge(http, target, signal);
  const challenge = asked ?? known.challenge;
  if (challenge === undefined && known.tokens === undefined) {
    throw new AppError('invalid_request', 'The external server does not ask for a sign-in');
  }
  const { discovery: _, ...kept } = known;
  const state: OAuthState = structuredClone(kept);
  const provider = createGrantProvider(state, { oauthState, now });
  const scope = computeScopeUnion(known.tokens?.scope, known.challenge?.scope, challenge?.scope, scopes.join(' '));
  const { resourceMetadataUrl } = challenge ?? {};
  await authorize({ http, signal }, target, provider, {
    forceReauthorization: true,
    ...(scope === undefined ? {} : { scope }),
    ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl: new URL(resourceMetadataUrl) }),
  });
  const { authorizationUrl } = provider;
  if (authorizationUrl === undefined) throw new AppError('internal', 'The sign-in has no authorization URL');
  return { authorizationUrl: authorizationUrl.href, state };
}

/**
 * Finishes a sign-in with the code that came back. Returns the state to be stored: with tokens, and without values that
 * only the sign-in needed.
 */
export async function finishSignIn(
  { http, signal, now }: Services,
  target: Pick<SignInTarget, 'workspaceId' | 'url'>,
  { state: begun, code, iss }: { state: OAuthState; code: string; iss: string | undefined },
): Promise<OAuthState> {
  const state = structuredClone(begun);
  const provider = createGrantProvider(state, { now });
  await authorize({ http, signal }, target, provider, {
    authorizationCode: code,
    ...(iss === undefined ? {} : { iss }),
  });
  const { verifier: _, ...kept } = state;
  return kept;
}

/** Runs the flow of the MCP SDK as far as possible with the state of the provider. */
async function authorize(
  { http, signal }: Pick<Services, 'http' | 'signal'>,
  { workspaceId, url }: Pick<SignInTarget, 'workspaceId' | 'url'>,
  provider: GrantProvider,
  options: Omit<AuthOptions, 'serverUrl' | 'fetchFn'>,
): Promise<void> {
  const wire = createOAuthFetch(http, { workspaceId, signal });
  try {
    await auth(provider, { serverUrl: url, fetchFn: wire.fetch, ...options });
  } catch (thrown) {
    throw toSignInError(thrown, wire.failure, await provider.discoveryState?.());
  }
}

/**
 * Returns new tokens for those that expired or were refused. Returns undefined if a person has to sign in again: the
 * authorization server no longer accepts the refresh token, or never issued one.
 */
export async function refreshSignIn(
  { http, signal, now }: Services,
  target: Pick<SignInTarget, 'workspaceId' | 'url'>,
  known: OAuthState,
): Promise<OAuthState | undefined> {
  const { client, tokens, discovery } = known;
  if (tokens?.refresh_token === undefined || client === undefined || discovery === undefined) return undefined;
  const { authorizationServerUrl, authorizationServerMetadata: metadata, resourceMetadata } = discovery;
  const state = structuredClone(known);
  const wire = createOAuthFetch(http, { workspaceId: target.workspaceId, signal });
  try {
    const renewed = await refreshAuthorization(authorizationServerUrl, {
      clientInformation: client,
      refreshToken: tokens.refresh_token,
      fetchFn: wire.fetch,
      ...(metadata === undefined ? {} : { metadata }),
      ...(resourceMetadata === undefined ? {} : { resource: resourceMetadata.resource }),
    });
    // Members that an authorization server does not repeat are unchanged.
    const { issuer, refresh_token, scope } = tokens;
    createGrantProvider(state, { now }).saveTokens({
      refresh_token,
      ...(scope === undefined ? {} : { scope }),
      ...renewed,
      ...(issuer === undefined ? {} : { issuer }),
    });
    return state;
  } catch (thrown) {
    if (thrown instanceof OAuthError && ENDED.has(thrown.code)) return undefined;
    throw toSignInError(thrown, wire.failure);
  }
}

/** Errors that mean that the sign-in has ended, or that the client no longer exists (RFC 6749, 5.2). */
const ENDED = new Set<string>(['invalid_grant', 'invalid_client', 'unauthorized_client', 'invalid_scope']);
