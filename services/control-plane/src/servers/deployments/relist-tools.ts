import { replaceTools } from '../../catalogue/published-tools.ts';
import type { Transaction } from '../../platform/database/database.ts';
import { findActiveCompiled } from './store.ts';

/** Lists again what a server offers, as part of a transaction that changes something other than what it runs. */
export async function relistTools(tx: Transaction, serverId: string): Promise<void> {
  await replaceTools(tx, serverId, await findActiveCompiled(tx, serverId));
}
