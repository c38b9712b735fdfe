import { z } from 'zod';
import type { Permission } from './manifest.ts';

/**
 * The roles of people in an organization or in one of its workspaces. Each includes the permissions of those before it.
 */
export const roles = ['viewer', 'maintainer', 'admin', 'owner'] as const;
export const roleSchema = z.enum(roles);
export type Role = z.infer<typeof roleSchema>;

/**
 * The permissions of each role in addition to those of the one before it. No role permits creating further
 * organizations.
 */
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

/** Permissions that reach beyond one workspace, so a role in a workspace does not grant them. */
const OF_ORGANIZATIONS: readonly Permission[] = ['connectors:write', 'workspaces:write', 'organization:write'];

/** The roles of one person, or the roles to which the permissions of a key correspond. */
export type Roles = { organization?: Role | undefined; workspace?: Role | undefined };

/** The scope of a membership: the whole organization, or one of its workspaces. */
export type MembershipScope = keyof Roles;

/** In a workspace, the permissions of both roles apply. */
export function permissionsOfRoles({ organization, workspace }: Roles): Permission[] {
  const ofWorkspace = permissionsOf(workspace).filter((permission) => !OF_ORGANIZATIONS.includes(permission));
  return [...new Set([...permissionsOf(organization), ...ofWorkspace])];
}

/**
 * Returns true if the role is not higher than one's own: nobody creates, changes or removes a person with a higher
 * role.
 */
export function reaches(own: Role | undefined, role: Role): boolean {
  return own !== undefined && roles.indexOf(own) >= roles.indexOf(role);
}

function permissionsOf(role: Role | undefined): Permission[] {
  return role === undefined ? [] : roles.slice(0, roles.indexOf(role) + 1).flatMap((each) => ADDED[each]);
}
