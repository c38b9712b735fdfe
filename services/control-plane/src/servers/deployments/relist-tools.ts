import type { CompiledDocument } from '@toolplane/compiler';
import { replaceTools } from '../../catalogue/published-tools.ts';
import type { Transaction } from '../../platform/database/database.ts';
import { readAttachment } from '../external-servers/attached.ts';
import { findActiveCompiled } from './store.ts';

/** Lists in the catalogue what a server offers with this document, as part of the transaction that changes it. */
export async function listTools(
  tx: Transaction,
  serverId: string,
  compiled: CompiledDocument | undefined,
): Promise<void> {
  await replaceTools(tx, serverId, compiled, async (server) => {
    const attachment = await readAttachment(tx, server, compiled);
    return attachment?.tools ?? [];
  });
}

/** Lists again what a server offers, as part of a transaction that changes something other than what it runs. */
export async function relistTools(tx: Transaction, serverId: string): Promise<void> {
  await listTools(tx, serverId, await findActiveCompiled(tx, serverId));
}
