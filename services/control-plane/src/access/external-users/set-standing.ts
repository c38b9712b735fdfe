import { lockWorkspace } from '../../identity/workspaces/workspaces.ts';
import type { Transaction } from '../../platform/database/database.ts';
import * as store from './store.ts';

/** Deactivates a user, with or without a row, or activates a former user again. */
export async function setStanding(
  tx: Transaction,
  standing: { workspaceId: string; username: string; isActive: boolean },
): Promise<void> {
  await lockWorkspace(tx, standing.workspaceId);
  await store.saveStanding(tx, standing);
}
