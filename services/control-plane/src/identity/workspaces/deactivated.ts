import { AppError } from '@toolplane/contracts';
import type { Transaction } from '../../platform/database/database.ts';

/**
 * Limit of deactivated users, and of deleted ones, in a workspace that accepts unknown users: its published rules list
 * all of them in one document.
 */
export const DEACTIVATED_MAX = 10_000;

/** Requires the lock of the workspace. */
export async function refuseTooManyDeactivated(tx: Transaction, workspaceId: string): Promise<void> {
  const { unknownUsers } = await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId } });
  if (unknownUsers === 'refuse') return;
  const deactivated = await tx.externalUser.count({ where: { workspaceId, isActive: false, isDeleted: false } });
  if (deactivated <= DEACTIVATED_MAX) return;
  const limit = DEACTIVATED_MAX.toLocaleString('en');
  const message = `A workspace that accepts unknown users (unknownUsers: create) can have at most ${limit} deactivated users`;
  throw new AppError('conflict', message);
}
