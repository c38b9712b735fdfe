import { hash } from 'node:crypto';
import type { CredentialRef, SecretRef } from '@toolplane/contracts';

/**
 * Where the credentials of a scope are in the secret store. Subjects are hashed because names of users do not fit into
 * paths.
 */
export function toSecretRef({ ownerId, instanceId, scope, subject }: CredentialRef): SecretRef {
  const suffix = subject === undefined ? '' : `_${hash('sha256', subject, 'hex').slice(0, 40)}`;
  return { workspaceId: ownerId, serverId: instanceId, name: `credential_${scope}${suffix}` };
}
