import {
  AppError,
  type CredentialRef,
  type CredentialScope,
  notValid,
  readUserSubject,
  toUserSubject,
} from '@toolplane/contracts';
import type { Tenant } from '../../platform/database/database.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { type Instance, ownerIdOf } from '../instances/connector-instances.ts';

/** The scope and the subject of credentials, as in requests. */
export type CredentialRequest = { scope: CredentialScope; subject?: string | undefined };

type Owned = Pick<Instance, 'id' | 'organizationId' | 'workspaceId' | 'homeWorkspaceId'>;

/** Completes a reference to credentials. For a workspace, the subject is optional; users and agents must be named. */
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
  if (scope === 'user')
    return toUserRef(instance, workspaceId, subject ?? refuseSubject('is required for the scope user'));
  if (scope === 'organization')
    return subject === undefined ? ref : refuseSubject('must be absent for the scope organization');
  if (scope !== 'workspace') return { ...ref, subject: subject ?? refuseSubject(`is required for the scope ${scope}`) };
  if (subject !== undefined && subject !== workspaceId) refuseSubject('must be your own workspace or absent');
  return { ...ref, subject: workspaceId };
}

export function idOfActor({ actor }: Pick<Principal, 'actor'>): string {
  return actor.kind === 'key' ? actor.keyId : actor.personId;
}

/** The reference to the credentials of a user of this workspace. */
export function toUserRef(instance: Owned, workspaceId: string, username: string): CredentialRef {
  const usersOf = workspaceId === instance.homeWorkspaceId ? undefined : workspaceId;
  const subject = toUserSubject(username, usersOf);
  return { ownerId: ownerIdOf(instance), instanceId: instance.id, scope: 'user', subject };
}

/** The user that a subject names, and the tenant to which the user belongs. */
export function readUser(
  { organizationId, homeWorkspaceId }: Pick<Instance, 'organizationId' | 'homeWorkspaceId'>,
  subject: string,
): { username: string; tenant: Tenant } {
  const { username, usersOf = homeWorkspaceId } = readUserSubject(subject);
  return { username, tenant: { organizationId, workspaceId: usersOf } };
}

/**
 * Only the organization may change credentials that all of its workspaces would use. The same applies to credentials of
 * agents, for principals in another workspace than the home of a shared instance. Users always belong to the
 * principal's own workspace.
 */
export function refuseWriting(
  principal: Principal,
  { workspaceId, homeWorkspaceId }: Instance,
  scope: CredentialScope,
) {
  const isAtHome = workspaceId !== null || homeWorkspaceId === principal.workspaceId;
  if (scope === 'workspace' || scope === 'user' || (scope === 'agent' && isAtHome)) return;
  if (principal.permissions.includes('connectors:write')) return;
  throw new AppError('forbidden', 'Credentials that others use require the permission connectors:write');
}
