import type { Transaction } from '../../platform/database/database.ts';
import { findPolicy, savePolicy } from './store.ts';

export { findPolicies as readPolicies } from './store.ts';

/** Copies a policy to a new server. */
export async function copyPolicy(
  tx: Transaction,
  fromId: string,
  server: { id: string; workspaceId: string },
): Promise<void> {
  const { policy } = await findPolicy(tx, fromId);
  if (policy !== null) await savePolicy(tx, server, { policy, version: 1 });
}
