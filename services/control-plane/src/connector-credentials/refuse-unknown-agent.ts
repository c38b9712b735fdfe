import { AppError } from '@toolplane/contracts';
import { findKeyProof } from '../api-keys/api-keys.ts';
import type { Instance } from '../connector-instances/connector-instances.ts';
import type { Database } from '../database/database.ts';
import type { CredentialRequest } from './credential-subject.ts';

/** An agent is known by its API key, so what is stored for anything else would never be used. */
export async function refuseUnknownAgent(
  database: Database,
  { organizationId, workspaceId }: Pick<Instance, 'organizationId' | 'workspaceId'>,
  { scope, subject = '' }: CredentialRequest,
): Promise<void> {
  if (scope !== 'agent') return;
  const proof = await database.asPlatform((tx) => findKeyProof(tx, subject));
  const isOwn = workspaceId === null ? proof?.organizationId === organizationId : proof?.workspaceId === workspaceId;
  if (proof?.revokedAt === null && isOwn) return;
  const whose = workspaceId === null ? 'organization' : 'workspace';
  throw new AppError('invalid_request', 'The request is not valid', {
    details: [{ path: 'body.subject', message: `${subject} is the id of no API key of the ${whose}` }],
  });
}
