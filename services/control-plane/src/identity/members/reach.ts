import type { MembershipScope } from '@toolplane/contracts';
import { AppError, permissionsOfRoles, type Role } from '@toolplane/contracts';
import type { Principal } from '../../platform/principals/principal.ts';

/**
 * Neither a person nor a key can grant, change or revoke what they lack. Changes beyond a workspace require access
 * beyond it, and only owners of the organization appoint and remove owners.
 */
export function refuseBeyondReach(
  { permissions }: Pick<Principal, 'permissions'>,
  scope: MembershipScope,
  role: Role,
): void {
  const needed = permissionsOfRoles(role === 'owner' ? { organization: role } : { [scope]: role });
  const lacking = needed.filter((permission) => !permissions.includes(permission));
  if (lacking.length > 0) {
    throw new AppError('forbidden', `The role ${role} requires permissions that you lack: ${lacking.join(', ')}`);
  }
  refuseBeyondWorkspace({ permissions }, scope);
}

export function refuseBeyondWorkspace({ permissions }: Pick<Principal, 'permissions'>, scope: MembershipScope): void {
  if (scope === 'organization' && !permissions.includes('workspaces:write')) {
    throw new AppError('forbidden', 'Managing members of the organization requires the permission workspaces:write');
  }
}
