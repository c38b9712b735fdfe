import type { Destination } from '../../platform/commands/commands.ts';
import type { Tenant } from '../../platform/database/database.ts';
import type { Instance } from './store.ts';

/** The owner of the credentials of an instance: its workspace, or the organization if it is for all workspaces. */
export function ownerIdOf({ organizationId, workspaceId }: Pick<Instance, 'organizationId' | 'workspaceId'>): string {
  return workspaceId ?? organizationId;
}

/** The destination of commands about the credentials of an instance: the pool whose data planes have them. */
export function toInstancePool(instance: Pick<Instance, 'organizationId' | 'workspaceId' | 'pool'>): Destination {
  return { tenant: ownerIdOf(instance), pool: instance.pool };
}

/** The tenant that sees all parts of an instance. */
export function homeOf({ organizationId, homeWorkspaceId }: Instance): Tenant {
  return { organizationId, workspaceId: homeWorkspaceId };
}
