import { AppError, type CredentialRef, type CredentialScope, notValid } from '@toolplane/contracts';
import type { Principal } from '../access/principal.ts';
import { type Instance, ownerIdOf } from '../connector-instances/connector-instances.ts';

/** The scope and the subject of credentials, as in requests. */
export type CredentialRequest = { scope: CredentialScope; subject?: string | undefined };

type Owned = Pick<Instance, 'id' | 'organizationId' | 'workspaceId'>;

/** Completes the reference. A workspace needs no subject; it names its users and agents. */
export function toCredentialRef(
  { workspaceId }: Principal,
  instance: Owned,
  { scope, subject }: CredentialRequest,
  place: 'body' | 'query' = 'body',
): CredentialRef {
  const refuseSubject = (message: string): never => {
    const details = [{ path: `${place}.subject`, message }];
    throw notValid(details);
  };
  const ref = { ownerId: ownerIdOf(instance), instanceId: instance.id, scope };
  if (scope === 'organization')
    return subject === undefined ? ref : refuseSubject('must be absent for the scope organization');
  if (scope !== 'workspace') return { ...ref, subject: subject ?? refuseSubject(`is required for the scope ${scope}`) };
  if (subject !== undefined && subject !== workspaceId) refuseSubject('must be your own workspace or absent');
  return { ...ref, subject: workspaceId };
}

/**
 * Only the organization may change what all of its workspaces would use. The same applies to credentials of users and
 * agents of the home workspace of a shared instance, for principals in another workspace.
 */
export function refuseWriting(
  principal: Principal,
  { workspaceId, homeWorkspaceId }: Instance,
  scope: CredentialScope,
) {
  const isAtHome = workspaceId !== null || homeWorkspaceId === principal.workspaceId;
  if (scope === 'workspace' || (scope !== 'organization' && isAtHome)) return;
  if (principal.permissions.includes('connectors:write')) return;
  throw new AppError('forbidden', 'Credentials that others use require the permission connectors:write');
}
