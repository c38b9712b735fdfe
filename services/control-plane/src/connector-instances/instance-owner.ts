import type { Destination } from '../commands.ts';
import type { Tenant } from '../database/database.ts';
import type { Instance } from './store.ts';

/** Its workspace, or the organization if it is for all workspaces: the owner of its credentials. */
export function ownerIdOf({ organizationId, workspaceId }: Pick<Instance, 'organizationId' | 'workspaceId'>): string {
  return workspaceId ?? organizationId;
}

/** The pool whose data planes have its credentials. */
export function toInstancePool(instance: Pick<Instance, 'organizationId' | 'workspaceId' | 'pool'>): Destination {
  return { tenant: ownerIdOf(instance), pool: instance.pool };
}

/** The tenant that sees everything of an instance. */
export function homeOf({ organizationId, homeWorkspaceId }: Instance): Tenant {
  return { organizationId, workspaceId: homeWorkspaceId };
}
