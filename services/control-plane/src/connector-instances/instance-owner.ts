import type { Destination } from '../commands.ts';
import type { Tenant } from '../database/database.ts';
import type { Instance } from './store.ts';

/** Its workspace, or the organization when it is for all workspaces: whose name its credentials are kept under. */
export function ownerIdOf({ organizationId, workspaceId }: Pick<Instance, 'organizationId' | 'workspaceId'>): string {
  return workspaceId ?? organizationId;
}

/** Whose data planes have its credentials. */
export function toInstancePool(instance: Pick<Instance, 'organizationId' | 'workspaceId' | 'pool'>): Destination {
  return { tenant: ownerIdOf(instance), pool: instance.pool };
}

/** Where everything of an instance is seen. */
export function homeOf({ organizationId, homeWorkspaceId }: Instance): Tenant {
  return { organizationId, workspaceId: homeWorkspaceId };
}
