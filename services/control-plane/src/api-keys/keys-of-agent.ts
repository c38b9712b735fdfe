import type { Principal } from '../access/principal.ts';
import type { Transaction } from '../database/database.ts';
import { CLIENT_POWERS, refuseRevokingStronger } from './grants.ts';
import { listKeysOfAgent } from './store.ts';

/* Requires that the agent is locked. Each function returns the keys to publish. */

/** After a change of the agent that affects whether its keys are valid. */
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

/** Its revoked keys stay as a record without the agent. A key that was created in the meantime is revoked as well. */
export async function leaveAgent(tx: Transaction, agentId: string): Promise<void> {
  await revokeKeysOf(tx, agentId);
  await tx.apiKey.updateMany({ where: { agentId }, data: { agentId: null } });
}

/** Deactivating or deleting an agent has the effect of revoking its keys and its OAuth clients. */
export async function refuseStrongerKeysOf(tx: Transaction, principal: Principal, agentId: string): Promise<void> {
  for (const key of await listKeysOfAgent(tx, agentId)) {
    refuseRevokingStronger(principal, key, `The API key ${key.id} of the agent`);
  }
  if ((await tx.agentClient.count({ where: { agentId } })) === 0) return;
  refuseRevokingStronger(principal, CLIENT_POWERS, 'An OAuth client of the agent');
}

async function idsOf(tx: Transaction, agentId: string): Promise<string[]> {
  const rows = await tx.apiKey.findMany({ where: { agentId, revokedAt: null }, select: { id: true } });
  return rows.map(({ id }) => id);
}
