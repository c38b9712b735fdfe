import type { Role } from '@toolplane/contracts';
import type { Permission } from '../api/session.ts';
import type { Scope } from './member.ts';

const ROLES: readonly Role[] = ['viewer', 'maintainer', 'admin', 'owner'];

/**
 * The roles that a person may give and take: nobody gives what they lack, owners are made by owners of the organization, and
 * members of all of it by those who reach beyond a workspace. People have what their roles have, so one permission that only
 * a role has tells of the rest.
 */
export function rolesToGive(permissions: readonly Permission[], scope: Scope): Role[] {
  const ofAdmins = scope === 'organization' ? 'workspaces:write' : 'members:write';
  return ROLES.filter((role) => permissions.includes(role === 'owner' ? 'organization:write' : ofAdmins));
}
