import { type SealingKey, type StoredSecret, sealingKeySchema } from '@toolplane/contracts';
import type { Transaction } from '../database/database.ts';
import type { Secret as Row } from '../generated/client.ts';

export type Secret = {
  name: string;
  hosts: string[];
  version: number;
  isRedactable: boolean;
  createdAt: string;
  updatedAt: string;
};

type SecretId = { workspaceId: string; serverId: string; name: string };

/** Until the end of the transaction, whether there is a row of it or not. */
export async function lockSecret(tx: Transaction, { serverId, name }: SecretId): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`${serverId}/${name}`}, 0))`;
}

export async function saveSecret(tx: Transaction, id: SecretId, stored: StoredSecret): Promise<Secret> {
  const row = await tx.secret.upsert({
    where: { workspaceId_serverId_name: id },
    create: { ...id, ...stored },
    update: { ...stored, updatedAt: new Date() },
  });
  return toSecret(row);
}

export async function findSecret(tx: Transaction, id: SecretId): Promise<Secret | undefined> {
  const row = await tx.secret.findUnique({ where: { workspaceId_serverId_name: id } });
  return row === null ? undefined : toSecret(row);
}

export async function deleteSecret(tx: Transaction, id: SecretId): Promise<void> {
  await tx.secret.deleteMany({ where: id });
}

export async function listSecrets(
  tx: Transaction,
  { serverId, page, limit }: { serverId: string; page: number; limit: number },
) {
  const rows = await tx.secret.findMany({
    where: { serverId },
    orderBy: { name: 'asc' },
    skip: (page - 1) * limit,
    take: limit,
  });
  return { items: rows.map(toSecret), total: await tx.secret.count({ where: { serverId } }) };
}

export async function listSecretNames(tx: Transaction, serverId: string): Promise<string[]> {
  const rows = await tx.secret.findMany({ where: { serverId }, orderBy: { name: 'asc' }, select: { name: true } });
  return rows.map(({ name }) => name);
}

/** The next deleted server by id whose secrets may still be in the secret store; after the last one, the first. */
export async function findLeftovers(tx: Transaction, afterId: string) {
  const where = { NOT: { secretNames: { isEmpty: true } } };
  const orderBy = { serverId: 'asc' } as const;
  const next = await tx.serverRemoval.findFirst({ where: { ...where, serverId: { gt: afterId } }, orderBy });
  return next ?? (await tx.serverRemoval.findFirst({ where, orderBy })) ?? undefined;
}

export async function clearLeftovers(tx: Transaction, serverId: string): Promise<void> {
  await tx.serverRemoval.update({ where: { serverId }, data: { secretNames: [] } });
}

/** The other planes know of these and keep nothing of them, so the note can go. */
export async function deleteSettledRemovals(tx: Transaction): Promise<void> {
  await tx.serverRemoval.deleteMany({ where: { isPublished: true, secretNames: { isEmpty: true } } });
}

export async function saveSealingKey(tx: Transaction, key: SealingKey): Promise<void> {
  const { kid } = key;
  const seen = { jwk: key, seenAt: new Date() };
  await tx.sealingKey.upsert({ where: { kid }, create: { kid, ...seen }, update: seen });
}

/** The one that the data plane told last. */
export async function findSealingKey(tx: Transaction): Promise<SealingKey | undefined> {
  const row = await tx.sealingKey.findFirst({ orderBy: { seenAt: 'desc' } });
  return row === null ? undefined : sealingKeySchema.parse(row.jwk);
}

function toSecret({ name, hosts, version, isRedactable, createdAt, updatedAt }: Row): Secret {
  return {
    ...{ name, hosts, version, isRedactable },
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
