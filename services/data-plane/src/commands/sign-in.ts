import { hash, randomBytes } from 'node:crypto';
import { AppError, type Command, type StartedAuthorization, type StoredCredential } from '@toolplane/contracts';
import type { HttpClient } from '../egress/http-client.ts';
import type { Credential } from '../secrets/credential.ts';
import type { CredentialRecord, CredentialRecords } from '../secrets/credential-records.ts';
import { getClient, withoutClient } from '../secrets/oauth-client.ts';
import { ownKid } from '../secrets/own-cipher.ts';
import { checkTokenUrl, requestGrant } from '../secrets/request-grant.ts';
import type { GetSealingKeys } from '../secrets/sealing-keys.ts';
import { openSession, sealSession } from './sign-in-session.ts';
import { toStored } from './store-credential.ts';

type StartAuthorization = Extract<Command, { command: 'start_authorization' }>;
type FinishAuthorization = Extract<Command, { command: 'finish_authorization' }>;

export type SignInServices = {
  records: Pick<CredentialRecords, 'read' | 'change'>;
  client: Pick<HttpClient, 'send'>;
  getSealingKeys: GetSealingKeys;
  now(): number;
};

/** OAuth 2.0 authorization code (RFC 6749, 4.1), always with PKCE (RFC 7636). */
export async function startAuthorization(
  { records, getSealingKeys, now }: SignInServices,
  { ref, authorization, state }: StartAuthorization,
): Promise<StartedAuthorization> {
  const { authenticationId, workspaceId, authorizationUrl, tokenUrl, clientAuth, redirectUri, scopes } = authorization;
  const { client, record } = await getClient(records, { ref, authenticationId, workspaceId });
  // A sign-in that could not be finished is not started.
  checkTokenUrl(tokenUrl, [record.hosts]);
  const verifier = randomBytes(32).toString('base64url');
  const url = parsePage(authorizationUrl);
  const parameters = {
    response_type: 'code',
    client_id: client.id,
    redirect_uri: redirectUri,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    state,
    code_challenge: hash('sha256', verifier, 'base64url'),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const session = { authenticationId, workspaceId, tokenUrl, clientAuth, redirectUri, verifier };
  return { url: url.href, session: sealSession(await getSealingKeys(), ref, session, now()) };
}

export async function finishAuthorization(
  { records, client: http, getSealingKeys, now }: SignInServices,
  { ref, session: sealed, code }: FinishAuthorization,
): Promise<StoredCredential> {
  const keys = await getSealingKeys(ownKid(sealed));
  const { verifier, redirectUri, ...session } = openSession(keys, ref, sealed, now());
  const { authenticationId, workspaceId, tokenUrl, clientAuth } = session;
  const stored = await records.change(ref, async (known) => {
    const { client, record } = await getClient(records, { ...session, ref });
    const { fields, hosts } = ownPart(known, record);
    const tokens = await requestGrant(
      http,
      {
        workspaceId,
        tokenUrl,
        client,
        clientAuth,
        hosts: [hosts, record.hosts],
        fields: { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier },
      },
      now,
    );
    const grant = { ...tokens, client: { id: client.id, workspaceId } };
    return { credential: { authentication: authenticationId, fields, grant }, hosts };
  });
  return toStored(stored, true);
}

/**
 * Returns the fields and hosts that are stored for the person under the same authentication; otherwise those that come
 * with the client, without the client itself.
 */
function ownPart(
  known: CredentialRecord | undefined,
  client: CredentialRecord,
): { fields: Credential['fields']; hosts: string[] } {
  if (known?.credential.authentication === client.credential.authentication) {
    return { fields: known.credential.fields, hosts: known.hosts };
  }
  return { fields: withoutClient(client.credential.fields), hosts: client.hosts };
}

/** The URL is opened in a browser, so only http and https are accepted. */
function parsePage(authorizationUrl: string): URL {
  const url = URL.parse(authorizationUrl);
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:')) return url;
  throw new AppError('invalid_request', 'The URL of the authorization endpoint is not valid');
}
