import type { Transaction } from '../database/database.ts';

/* For whoever has locked the agent. Each tells which keys are to be published. */

/** After a change of the agent on which it depends whether they are good. */
export async function republishKeysOf(tx: Transaction, agentId: string): Promise<string[]> {
  const ids = await idsOf(tx, agentId);
  await tx.apiKey.updateMany({ where: { id: { in: ids } }, data: { isPublished: false } });
  return ids;
}

export async function revokeKeysOf(tx: Transaction, agentId: string): Promise<string[]> {
  const ids = await idsOf(tx, agentId);
  await tx.apiKey.updateMany({ where: { id: { in: ids } }, data: { revokedAt: new Date(), isPublished: false } });
  return ids;
}

/** What is left of its keys, all revoked, is a record without it. One that came since goes as well. */
export async function leaveAgent(tx: Transaction, agentId: string): Promise<void> {
  await revokeKeysOf(tx, agentId);
  await tx.apiKey.updateMany({ where: { agentId }, data: { agentId: null } });
}

async function idsOf(tx: Transaction, agentId: string): Promise<string[]> {
  const rows = await tx.apiKey.findMany({ where: { agentId, revokedAt: null }, select: { id: true } });
  return rows.map(({ id }) => id);
}
