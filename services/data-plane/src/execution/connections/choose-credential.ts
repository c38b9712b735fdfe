import { type CredentialRef, DEFAULT_USERNAME, toUserSubject } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import { type Credential, parseCredential } from '../../secrets/credential.ts';
import type { Secret } from '../../secrets/secret-store.ts';
import type { PlanCall, RunServices } from '../run.ts';
import { credentialsMissing } from './credentials-missing.ts';
import type { PreparedAuthentication, PreparedConnection } from './prepare-connection.ts';

/** The credentials of one scope, as they are stored and as they are parsed. */
export type ChosenCredential = { ref: CredentialRef; stored: Secret; credential: Credential };

/**
 * Searches from the scope nearest to the caller to the widest. The first scope that has credentials for this
 * authentication is used as a whole. A scope that cannot be read ends the search, because a wider one may belong to
 * somebody else.
 */
export async function chooseCredential(
  connection: PreparedConnection,
  authentication: PreparedAuthentication,
  { call, workspaceId }: { call: PlanCall; workspaceId: string },
  secrets: RunServices['secrets'],
): Promise<ChosenCredential> {
  const tested = call.test?.credential;
  const refs = tested === undefined ? refsOf(connection, authentication, { call, workspaceId }) : [tested];
  const reads = refs.map((ref) => ({ ref, reading: secrets.get(toSecretRef(ref)) }));
  // Reads of scopes that come after the chosen one may fail.
  for (const { reading } of reads) reading.catch(() => undefined);
  for (const { ref, reading } of reads) {
    const stored = await reading;
    if (stored === undefined) continue;
    const credential = parseCredential(stored);
    if (isUsable(credential, authentication)) return { ref, stored, credential };
  }
  throw credentialsMissing(connection, authentication, { call, refs });
}

/**
 * A named user has only their own credentials unless the server allows others: nobody acts as somebody else. The client
 * with which a token is exchanged is not a personal account; the caller's own token determines whose account is used.
 */
function refsOf(
  { ownerId, instanceId, usersOf }: PreparedConnection,
  { token }: Pick<PreparedAuthentication, 'token'>,
  { call, workspaceId }: { call: PlanCall; workspaceId: string },
): CredentialRef[] {
  const { agentId, username, onlyOwn } = call.caller;
  // A caller without a key is not a user of the workspace, not even its default user.
  const user = username ?? (agentId === undefined ? undefined : DEFAULT_USERNAME);
  const ofUser: CredentialRef[] =
    user === undefined ? [] : [{ ownerId, instanceId, scope: 'user', subject: toUserSubject(user, usersOf) }];
  if (onlyOwn && token?.grant !== 'token_exchange') return ofUser;
  const refs: CredentialRef[] = [];
  if (agentId !== undefined) refs.push({ ownerId, instanceId, scope: 'agent', subject: agentId });
  refs.push(...ofUser);
  refs.push({ ownerId, instanceId, scope: 'workspace', subject: workspaceId });
  refs.push({ ownerId, instanceId, scope: 'organization' });
  return refs;
}

function isUsable({ authentication, grant }: Credential, { id, token }: PreparedAuthentication): boolean {
  return authentication === id && (token?.grant !== 'authorization_code' || grant !== undefined);
}
