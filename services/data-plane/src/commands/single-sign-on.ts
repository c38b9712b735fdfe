import { hash, randomBytes } from 'node:crypto';
import {
  AppError,
  type Command,
  SINGLE_SIGN_ON_SECRET,
  type SignedOn,
  type StartedSingleSignOn,
} from '@toolplane/contracts';
import type { HttpClient } from '../egress/http-client.ts';
import type { TokenClient } from '../secrets/authenticate-client.ts';
import { ownKid } from '../secrets/own-cipher.ts';
import { checkTokenUrl } from '../secrets/request-grant.ts';
import type { GetSealingKeys } from '../secrets/sealing-keys.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import { postTokenRequest } from '../secrets/token-endpoint.ts';
import { discoverIssuer, fetchKeys, readIdToken } from '../single-sign-on/issuer.ts';
import { verifyIdToken } from '../single-sign-on/verify-id-token.ts';
import { openSignOn, type SignOnSession, sealSignOn } from './sign-on-session.ts';

type Start = Extract<Command, { command: 'start_single_sign_on' }>;
type Finish = Extract<Command, { command: 'finish_single_sign_on' }>;

export type SingleSignOnServices = {
  store: Pick<SecretStore, 'get'>;
  client: Pick<HttpClient, 'send'>;
  getSealingKeys: GetSealingKeys;
  now(): number;
};

/** OpenID Connect with the code flow, always with PKCE and a nonce. */
export async function startSingleSignOn(
  services: SingleSignOnServices,
  { ref, issuer, clientId, hasSecret, redirectUri, state }: Start,
  signal: AbortSignal,
): Promise<StartedSingleSignOn> {
  const { workspaceId } = ref;
  const { authorizationUrl, ...found } = await discoverIssuer({ http: services.client, workspaceId, signal }, issuer);
  const [verifier, nonce] = [randomText(), randomText()];
  const session = { ...found, issuer, clientId, hasSecret, redirectUri, verifier, nonce };
  // A sign-on that could not be finished is not started.
  await findClient(services, ref, session);
  const url = new URL(authorizationUrl);
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: 'openid email profile',
    state,
    nonce,
    code_challenge: hash('sha256', verifier, 'base64url'),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return {
    authorizationUrl: url.href,
    session: sealSignOn(await services.getSealingKeys(), ref, session, services.now()),
  };
}

/** Three things prove the issuer: the name that comes back with the code, the token endpoint, and the ID token. */
export async function finishSingleSignOn(
  services: SingleSignOnServices,
  { ref, session: sealed, code, iss }: Finish,
  signal: AbortSignal,
): Promise<SignedOn> {
  const session = openSignOn(await services.getSealingKeys(ownKid(sealed)), ref, sealed, services.now());
  const { issuer, clientId, nonce, redirectUri, verifier, clientAuth } = session;
  if (iss === undefined ? session.namesItself : iss !== issuer) {
    throw new AppError('credentials_refused', 'The answer is not from the issuer that was asked');
  }
  const { workspaceId } = ref;
  const { url, client } = await findClient(services, ref, session);
  const fields = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
  const form = { workspaceId, url, fields, client, clientAuth };
  const idToken = readIdToken(await postTokenRequest(services.client, form, 'No ID token'));
  const keys = await fetchKeys({ http: services.client, workspaceId, signal }, session.jwksUrl);
  return verifyIdToken(idToken, keys, { issuer, clientId, nonce, nowMs: services.now() });
}

/** Returns the client and the URL to which it is sent; the client's secret must be sealed for the host of this URL. */
async function findClient(
  { store }: SingleSignOnServices,
  { workspaceId, connectionId }: Start['ref'],
  { clientId: id, hasSecret, tokenUrl }: Pick<SignOnSession, 'clientId' | 'hasSecret' | 'tokenUrl'>,
): Promise<{ url: URL; client: TokenClient }> {
  if (!hasSecret) return { url: new URL(tokenUrl), client: { id } };
  const secret = await store.get({ workspaceId, serverId: connectionId, name: SINGLE_SIGN_ON_SECRET });
  if (secret === undefined) throw new AppError('secret_missing', 'The connection has no client secret');
  return { url: checkTokenUrl(tokenUrl, [secret.hosts]), client: { id, secret: secret.value } };
}

function randomText(): string {
  return randomBytes(32).toString('base64url');
}
