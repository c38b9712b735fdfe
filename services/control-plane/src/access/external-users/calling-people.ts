import { findRoles } from '../../identity/people/places.ts';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import type { Database, Tenant, Transaction } from '../../platform/database/database.ts';
import { setStanding } from './set-standing.ts';

/** The organization or workspace that somebody joined or left. */
export type Move = { personId: string; organizationId: string; workspaceId: string | null };

/**
 * A person who calls tools with their token does so as the external user with their id. When they leave, that user is
 * deactivated, so that edges refuse tokens that were issued before; when they return, it is activated again.
 */
export function createCallingOfPeople({ database, changes }: { database: Database; changes: ChangeNotices }) {
  async function listTouched(tx: Transaction, { organizationId, workspaceId }: Move): Promise<Tenant[]> {
    const where = workspaceId === null ? { organizationId } : { organizationId, id: workspaceId };
    const workspaces = await tx.workspace.findMany({ where, select: { id: true } });
    return workspaces.map(({ id }) => ({ organizationId, workspaceId: id }));
  }

  /** Applies the current memberships, whatever the change was. */
  return async function settle(move: Move): Promise<void> {
    const { personId } = move;
    const tenants = await database.asPlatform((tx) => listTouched(tx, move));
    for (const tenant of tenants) {
      const roles = await database.asPlatform((tx) => findRoles(tx, personId, tenant.workspaceId));
      const isActive = roles !== undefined;
      await database.within(tenant, (tx) => setStanding(tx, { ...tenant, username: personId, isActive }));
      await changes.notify('users.changed', tenant.workspaceId);
    }
  };
}
