import type { Transaction } from '../../platform/database/database.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { CLIENT_POWERS, refuseRevokingStronger } from './grants.ts';
import { listKeysOfAgent } from './store.ts';

/* Requires that the agent is locked. Each function returns the keys to publish. */

/** Called after a change of the agent that affects whether its keys are valid. */
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

/**
 * Removes the agent from its revoked keys, which are kept as a record. A key that was created in the meantime is
 * revoked as well.
 */
export async function leaveAgent(tx: Transaction, agentId: string): Promise<void> {
  await revokeKeysOf(tx, agentId);
  await tx.apiKey.updateMany({ where: { agentId }, data: { agentId: null } });
}

/**
 * Checks the right to revoke all keys and OAuth clients of an agent, because deactivating or deleting the agent has
 * that effect.
 */
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
