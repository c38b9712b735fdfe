import type { CredentialRef } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import { type Credential, parseCredential } from '../../secrets/credential.ts';
import type { Secret } from '../../secrets/secret-store.ts';
import type { PlanCall, RunTools } from '../run.ts';
import { credentialsMissing } from './credentials-missing.ts';
import type { PreparedAuthentication, PreparedConnection } from './prepare-connection.ts';

/** Credentials of one scope, as they are stored and as they are read. */
export type ChosenCredential = { ref: CredentialRef; stored: Secret; credential: Credential };

/**
 * From the scope that is nearest to the caller to the widest: the first that has credentials for this authentication is
 * taken whole. A scope that cannot be read ends the search, because a wider one may be somebody else's.
 */
export async function chooseCredential(
  connection: PreparedConnection,
  authentication: PreparedAuthentication,
  { call, workspaceId }: { call: PlanCall; workspaceId: string },
  secrets: RunTools['secrets'],
): Promise<ChosenCredential> {
  const tested = call.test?.credential;
  const refs = tested === undefined ? refsOf(connection, call, workspaceId) : [tested];
  const reads = refs.map((ref) => ({ ref, reading: secrets.get(toSecretRef(ref)) }));
  // Those behind the one that is taken may fail.
  for (const { reading } of reads) reading.catch(() => undefined);
  for (const { ref, reading } of reads) {
    const stored = await reading;
    if (stored === undefined) continue;
    const credential = parseCredential(stored);
    if (isUsable(credential, authentication)) return { ref, stored, credential };
  }
  throw credentialsMissing(connection, authentication, { call, refs });
}

function refsOf(
  { ownerId, instanceId }: PreparedConnection,
  { caller: { agentId, username } }: PlanCall,
  workspaceId: string,
): CredentialRef[] {
  const refs: CredentialRef[] = [];
  if (agentId !== undefined) refs.push({ ownerId, instanceId, scope: 'agent', subject: agentId });
  if (username !== undefined) refs.push({ ownerId, instanceId, scope: 'user', subject: username });
  refs.push({ ownerId, instanceId, scope: 'workspace', subject: workspaceId });
  refs.push({ ownerId, instanceId, scope: 'organization' });
  return refs;
}

function isUsable({ authentication, grant }: Credential, { id, token }: PreparedAuthentication): boolean {
  return authentication === id && (token?.grant !== 'authorization_code' || grant !== undefined);
}
