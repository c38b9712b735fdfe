import { notValid } from '@toolplane/contracts';
import { findAgentHome } from '../../access/agents/agents.ts';
import { findKeyProof } from '../../access/api-keys/api-keys.ts';
import type { Database, Tenant, Transaction } from '../../platform/database/database.ts';
import type { Instance } from '../instances/connector-instances.ts';
import type { CredentialRequest } from './credential-subject.ts';

/**
 * Agents are identified by their id; a key without an agent acts as an agent itself. Credentials for any other subject
 * would never be used.
 */
export async function refuseUnknownAgent(
  database: Database,
  { organizationId, workspaceId }: Pick<Instance, 'organizationId' | 'workspaceId'>,
  { scope, subject = '' }: CredentialRequest,
): Promise<void> {
  if (scope !== 'agent') return;
  const found = await database.asPlatform((tx) => findHome(tx, subject));
  const isOwn = workspaceId === null ? found?.organizationId === organizationId : found?.workspaceId === workspaceId;
  if (found !== undefined && isOwn) return;
  const whose = workspaceId === null ? 'organization' : 'workspace';
  const message = `${subject} is neither the id of an agent of the ${whose} nor of an API key without an agent`;
  throw notValid([{ path: 'body.subject', message }]);
}

async function findHome(tx: Transaction, subject: string): Promise<Tenant | undefined> {
  if (subject.startsWith('agt_')) return findAgentHome(tx, subject);
  const proof = await findKeyProof(tx, subject);
  return proof?.revokedAt === null && proof.agentId === null ? proof : undefined;
}
