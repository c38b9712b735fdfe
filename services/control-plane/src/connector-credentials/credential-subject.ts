import { AppError, type CredentialRef, type CredentialScope, notValid } from '@toolplane/contracts';
import type { Principal } from '../access/principal.ts';
import { type Instance, ownerIdOf } from '../connector-instances/connector-instances.ts';

/** For whom credentials are, as people say it. */
export type CredentialRequest = { scope: CredentialScope; subject?: string | undefined };

type Owned = Pick<Instance, 'id' | 'organizationId' | 'workspaceId'>;

/** Names them in full. A workspace speaks for itself only; users and agents have names that it gives. */
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
 * What every workspace of an organization would use is the organization's to change. So is what users and agents of the
 * workspace use where the server of a shared instance lives, for those who are in another one.
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
