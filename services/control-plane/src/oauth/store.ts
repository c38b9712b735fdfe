import type { AgentClient, OauthClient, OauthModel } from '../generated/client.ts';
import type { Transaction } from '../platform/database/database.ts';

export type StoredModel = Pick<OauthModel, 'payload' | 'consumedAt'>;

export async function putModel(tx: Transaction, row: Omit<OauthModel, 'consumedAt'>): Promise<void> {
  const { kind, idHash, ...rest } = row;
  await tx.oauthModel.upsert({ where: { kind_idHash: { kind, idHash } }, create: row, update: rest });
}

/** Returns the model even if it has expired: the library decides what to do with it. */
export async function findModel(
  tx: Transaction,
  kind: string,
  by: { idHash: string } | { uidHash: string },
): Promise<StoredModel | undefined> {
  return (await tx.oauthModel.findFirst({ where: { kind, ...by } })) ?? undefined;
}

/** Returns false if the model was already used, or no longer exists. */
export async function consumeModel(tx: Transaction, kind: string, idHash: string): Promise<boolean> {
  const where = { kind, idHash, consumedAt: null };
  return (await tx.oauthModel.updateMany({ where, data: { consumedAt: new Date() } })).count === 1;
}

export async function deleteModel(tx: Transaction, kind: string, idHash: string): Promise<void> {
  await tx.oauthModel.deleteMany({ where: { kind, idHash } });
}

export async function deleteOfGrant(tx: Transaction, grantId: string): Promise<void> {
  await tx.oauthModel.deleteMany({ where: { grantId } });
}

/** Returns undefined also if the agent of the client is deactivated. */
export async function findAgentClient(tx: Transaction, id: string): Promise<AgentClient | undefined> {
  return (await tx.agentClient.findFirst({ where: { id, agent: { isActive: true } } })) ?? undefined;
}

export async function touchAgentClient(tx: Transaction, id: string): Promise<void> {
  await tx.agentClient.updateMany({ where: { id }, data: { lastUsedAt: new Date() } });
}

/** Returns undefined for a client that nobody has used for too long. */
export async function findClient(tx: Transaction, id: string): Promise<OauthClient | undefined> {
  return (await tx.oauthClient.findFirst({ where: { id, expiresAt: { gt: new Date() } } })) ?? undefined;
}

export async function putClient(tx: Transaction, { id, ...rest }: Omit<OauthClient, 'createdAt'>): Promise<void> {
  await tx.oauthClient.upsert({ where: { id }, create: { id, ...rest }, update: rest });
}

export async function touchClient(tx: Transaction, id: string, expiresAt: Date): Promise<void> {
  await tx.oauthClient.updateMany({ where: { id }, data: { expiresAt } });
}

/**
 * Makes room for one more client of a network by deleting the oldest clients that no person has consented to, first
 * those of the same network, then any. Returns false if there is no room and no client that can be deleted.
 */
export async function makeRoomForClient(
  tx: Transaction,
  { network, networkMax, max }: { network: string; networkMax: number; max: number },
): Promise<boolean> {
  await tx.$executeRaw`
    DELETE FROM oauth_clients WHERE id IN (
      SELECT id FROM oauth_clients c
      WHERE network = ${network} AND NOT EXISTS (SELECT FROM oauth_grants g WHERE g.client_id = c.id)
      ORDER BY created_at DESC OFFSET ${networkMax - 1})`;
  const excess = (await tx.oauthClient.count()) - max + 1;
  if (excess <= 0) return true;
  const evicted = await tx.$executeRaw`
    DELETE FROM oauth_clients WHERE id IN (
      SELECT id FROM oauth_clients c
      WHERE NOT EXISTS (SELECT FROM oauth_grants g WHERE g.client_id = c.id)
      ORDER BY created_at LIMIT ${excess})`;
  return evicted === excess;
}

export async function deleteExpired(tx: Transaction): Promise<void> {
  const where = { expiresAt: { lt: new Date() } };
  await tx.oauthModel.deleteMany({ where });
  await tx.oauthClient.deleteMany({ where });
  await tx.oauthGrant.deleteMany({ where });
}
