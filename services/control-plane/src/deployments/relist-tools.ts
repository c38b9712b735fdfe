import { replaceTools } from '../catalogue/published-tools.ts';
import type { Transaction } from '../database/database.ts';
import { findActiveCompiled } from './store.ts';

/** Lists anew what a server offers, part of the transaction that changes something else about it than what it runs. */
export async function relistTools(tx: Transaction, serverId: string): Promise<void> {
  await replaceTools(tx, serverId, await findActiveCompiled(tx, serverId));
}
