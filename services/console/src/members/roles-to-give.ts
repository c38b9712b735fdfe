import type { Place } from '@toolplane/api-client';
import type { MembershipScope, Role } from '@toolplane/contracts';

const ROLES: readonly Role[] = ['viewer', 'maintainer', 'admin', 'owner'];

/**
 * The roles that a person may assign and remove: nobody assigns a role with permissions that they lack, only owners of
 * the organization assign the role of owner, and only people whose role reaches beyond a workspace assign roles in the
 * whole organization. People have the permissions of their roles, so a permission that only one role has identifies
 * that role.
 */
export function rolesToGive(permissions: Place['permissions'], scope: MembershipScope): Role[] {
  const ofAdmins = scope === 'organization' ? 'workspaces:write' : 'members:write';
  return ROLES.filter((role) => permissions.includes(role === 'owner' ? 'organization:write' : ofAdmins));
}
