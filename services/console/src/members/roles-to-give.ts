import type { Role } from '@toolplane/contracts';
import type { Place } from '../api/session.ts';
import type { Scope } from './member.ts';

const ROLES: readonly Role[] = ['viewer', 'maintainer', 'admin', 'owner'];

/**
 * The roles that a person may give and take: nobody gives what they lack, owners are made by owners of the
 * organization, and members of the whole organization by people who reach beyond a workspace. People have the
 * permissions of their roles, so one permission that only one role has identifies that role.
 */
export function rolesToGive(permissions: Place['permissions'], scope: Scope): Role[] {
  const ofAdmins = scope === 'organization' ? 'workspaces:write' : 'members:write';
  return ROLES.filter((role) => permissions.includes(role === 'owner' ? 'organization:write' : ofAdmins));
}
