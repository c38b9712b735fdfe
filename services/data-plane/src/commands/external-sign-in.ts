import { AppError, type Command, type FinishedSignIn, type StartedAuthorization } from '@toolplane/contracts';
import { externalClientAudience, toSecretRef } from '@toolplane/sealing';
import { z } from 'zod';
import { matchesHost } from '../egress/host-pattern.ts';
import type { HttpClient } from '../egress/http-client.ts';
import { stateOf, toRecord } from '../execution/external/external-tokens.ts';
import type { OAuthState } from '../external-mcp/oauth/oauth-state.ts';
import { finishSignIn, startSignIn } from '../external-mcp/oauth/sign-in.ts';
import type { CredentialRecords } from '../secrets/credential-records.ts';
import { createOwnCipher, ownKid } from '../secrets/own-cipher.ts';
import type { SealedValues } from '../secrets/sealed-values.ts';
import type { GetSealingKeys, SealingKeyRing } from '../secrets/sealing-keys.ts';
import { secretPath } from '../secrets/secret-store.ts';

type Start = Extract<Command, { command: 'start_external_sign_in' }>;
type Finish = Extract<Command, { command: 'finish_external_sign_in' }>;

export type ExternalSignInServices = {
  records: Pick<CredentialRecords, 'read' | 'change'>;
  http: Pick<HttpClient, 'send'>;
  getSealingKeys: GetSealingKeys;
  sealedValues: Pick<SealedValues, 'openSecret'>;
  now(): number;
};

/** The time that a person has to sign in. */
const SESSION_MS = 15 * 60_000;
const sessionSchema = z.strictObject({ state: z.custom<OAuthState>(), expiresAt: z.number() });

/** The state of the sign-in is sealed and travels to the control plane and back; the control plane cannot read it. */
export async function startExternalSignIn(
  { records, http, getSealingKeys, sealedValues, now }: ExternalSignInServices,
  command: Start,
  signal: AbortSignal,
): Promise<StartedAuthorization> {
  const { ref, url, transport, redirectUri, clientMetadataUrl, scopes, state: oauthState } = command;
  const record = await records.read(ref);
  const before = record === undefined || !matchesHost(record.hosts, new URL(url)) ? undefined : stateOf(record);
  const { client, hosts } = (await givenClient(command, sealedValues)) ?? {};
  const known: OAuthState = {
    ...(before?.redirectUri === redirectUri ? before : {}),
    redirectUri,
    ...(clientMetadataUrl === undefined ? {} : { clientMetadataUrl }),
    ...(client === undefined ? {} : { client }),
  };
  const target = { workspaceId: ref.ownerId, url, transport, headers: {} };
  const { authorizationUrl, state } = await startSignIn({ http, signal, now }, target, { known, oauthState, scopes });
  refuseHosts(hosts, state);
  const session = JSON.stringify({ state, expiresAt: now() + SESSION_MS });
  return { url: authorizationUrl, session: cipherOf(await getSealingKeys()).seal(bindingOf(command), session) };
}

export async function finishExternalSignIn(
  { records, http, getSealingKeys, now }: ExternalSignInServices,
  command: Finish,
  signal: AbortSignal,
): Promise<FinishedSignIn> {
  const { ref, url, session, code, iss } = command;
  const { state: begun, expiresAt } = openSession(await getSealingKeys(ownKid(session)), command);
  if (now() >= expiresAt) throw new AppError('credentials_refused', 'The sign-in took too long: start it again');
  const target = { workspaceId: ref.ownerId, url };
  const state = await finishSignIn({ http, signal, now }, target, { state: begun, code, iss });
  const { version } = await records.change(ref, async () => toRecord(state, hostsOf(state, url)));
  const { scope, issuer } = state.tokens ?? {};
  return {
    version,
    ...(scope === undefined ? {} : { scope }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(state.expiresAt === undefined ? {} : { expiresAt: state.expiresAt }),
  };
}

/** Returns the client that the operator registered, and the hosts to which its secret may be sent. */
async function givenClient(
  { ref, clientId, sealedClientSecret }: Start,
  sealedValues: ExternalSignInServices['sealedValues'],
): Promise<{ client: OAuthState['client']; hosts?: readonly string[] } | undefined> {
  if (clientId === undefined) return undefined;
  if (sealedClientSecret === undefined) return { client: { client_id: clientId } };
  const { value, hosts } = await sealedValues.openSecret(sealedClientSecret, externalClientAudience(ref));
  return { client: { client_id: clientId, client_secret: value }, hosts };
}

/** The owner of the server decides which host issues the tokens, so it may be any host. */
function refuseHosts(hosts: readonly string[] | undefined, { discovery }: OAuthState): void {
  const { token_endpoint: tokenEndpoint } = discovery?.authorizationServerMetadata ?? {};
  if (hosts === undefined || tokenEndpoint === undefined) return;
  const url = new URL(tokenEndpoint);
  if (matchesHost(hosts, url)) return;
  throw new AppError('secret_host_denied', `The client secret is not sealed for ${url.host}, which issues the tokens`);
}

/**
 * Returns the hosts to which the access token and the refresh token may be sent. They are never sent to other hosts,
 * even if the server changes its host later.
 */
function hostsOf({ discovery }: OAuthState, url: string): string[] {
  const { token_endpoint: tokenEndpoint } = discovery?.authorizationServerMetadata ?? {};
  const urls = [url, ...(tokenEndpoint === undefined ? [] : [tokenEndpoint])];
  return [...new Set(urls.map((it) => new URL(it).host))];
}

function openSession(keys: SealingKeyRing, command: Finish): z.infer<typeof sessionSchema> {
  try {
    return sessionSchema.parse(JSON.parse(cipherOf(keys).open(bindingOf(command), command.session)));
  } catch {
    throw new AppError('invalid_request', 'Not a session of a sign-in to this server');
  }
}

function cipherOf(keys: SealingKeyRing) {
  return createOwnCipher(keys, 'toolplane external sign-ins');
}

function bindingOf({ ref, url }: Pick<Start, 'ref' | 'url'>) {
  return { purpose: 'sign-in', party: '', aad: `${secretPath(toSecretRef(ref))} ${url}` } as const;
}
