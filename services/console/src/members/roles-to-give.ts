import { permissionsOfRoles, type Role, roles } from '@toolplane/contracts';
import type { Permission } from '../api/session.ts';
import type { Scope } from './member.ts';

/**
 * The roles that somebody with these permissions may give and take: nobody gives what they lack, owners are made by owners
 * of the organization, and members of all of it by those who reach beyond a workspace.
 */
export function rolesToGive(permissions: readonly Permission[], scope: Scope): Role[] {
  if (scope === 'organization' && !permissions.includes('workspaces:write')) return [];
  const own = new Set<string>(permissions);
  return roles.filter((role) =>
    permissionsOfRoles(role === 'owner' ? { organization: role } : { [scope]: role }).every((needed) =>
      own.has(needed),
    ),
  );
}
