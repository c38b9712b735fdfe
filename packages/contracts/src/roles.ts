import { z } from 'zod';
import type { Permission } from './manifest.ts';

/** What people are, in an organization or in one workspace of it. Each may do what those before it may. */
export const roles = ['viewer', 'maintainer', 'admin', 'owner'] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

/** What each role may do in addition to the one before it. Making further organizations is never a role's. */
const ADDED: Record<Role, readonly Permission[]> = {
  viewer: ['tools:call', 'servers:read'],
  maintainer: ['servers:write', 'secrets:write', 'connectors:write', 'debug:write'],
  admin: [
    'api-keys:write',
    'policies:write',
    'approvals:write',
    'agents:write',
    'audit:read',
    'members:write',
    'workspaces:write',
  ],
  owner: ['organization:write'],
};

/** These reach beyond one workspace, so a role in a workspace does not give them. */
const OF_ORGANIZATIONS: readonly Permission[] = ['connectors:write', 'workspaces:write', 'organization:write'];

/** The roles of one person, or what a key can do as if it were one. */
export type Roles = { organization?: Role | undefined; workspace?: Role | undefined };

/** In a workspace the greater of both counts. */
export function permissionsOfRoles({ organization, workspace }: Roles): Permission[] {
  const ofWorkspace = permissionsOf(workspace).filter((permission) => !OF_ORGANIZATIONS.includes(permission));
  return [...new Set([...permissionsOf(organization), ...ofWorkspace])];
}

/** Nobody creates, changes or removes a person with a higher role. */
export function reaches(own: Role | undefined, role: Role): boolean {
  return own !== undefined && roles.indexOf(own) >= roles.indexOf(role);
}

function permissionsOf(role: Role | undefined): Permission[] {
  return role === undefined ? [] : roles.slice(0, roles.indexOf(role) + 1).flatMap((each) => ADDED[each]);
}
