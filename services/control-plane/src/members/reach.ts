import { AppError, permissionsOfRoles, type Role } from '@toolplane/contracts';
import type { Principal } from '../access/principal.ts';

/** Of what somebody is or becomes a member: all of the organization, or one workspace of it. */
export type Scope = 'organization' | 'workspace';

/**
 * Nobody gives, changes or takes what they lack, be it a person or a key. What reaches beyond a workspace is for those who
 * reach beyond it themselves, and owners are made and unmade by owners of the organization.
 */
export function refuseBeyondReach({ permissions }: Pick<Principal, 'permissions'>, scope: Scope, role: Role): void {
  const needed = permissionsOfRoles(role === 'owner' ? { organization: role } : { [scope]: role });
  const lacking = needed.filter((permission) => !permissions.includes(permission));
  if (lacking.length > 0) {
    throw new AppError('forbidden', `The role ${role} requires permissions that you lack: ${lacking.join(', ')}`);
  }
  refuseBeyondWorkspace({ permissions }, scope);
}

export function refuseBeyondWorkspace({ permissions }: Pick<Principal, 'permissions'>, scope: Scope): void {
  if (scope === 'organization' && !permissions.includes('workspaces:write')) {
    throw new AppError('forbidden', 'Managing members of the organization requires the permission workspaces:write');
  }
}
