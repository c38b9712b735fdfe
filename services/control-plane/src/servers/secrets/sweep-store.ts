import type { Transaction } from '../../platform/database/database.ts';
import type { SecretId } from './store.ts';

/** A name for which the secret store may differ from the rows. */
export type Unsettled = SecretId & { version: number; versions: { version: number }[]; unsettledAt: Date };

const IDS_MAX = 100;
const id = { workspaceId: true, serverId: true, name: true } as const;

/**
 * Marks a name, for `clearMark` or, if that is never called, for the sweep. Undefined if the name was already marked:
 * whatever the result of this change, only the sweep can repair what the earlier one left behind.
 */
export async function markUnsettled(tx: Transaction, secretId: SecretId): Promise<Date | undefined> {
  const { workspaceId, serverId, name } = secretId;
  const unsettledAt = new Date();
  const isMarked = (await tx.secret.count({ where: { ...secretId, unsettledAt: { not: null } } })) > 0;
  await tx.$executeRaw`
    INSERT INTO secrets (workspace_id, server_id, name, hosts, version, is_redactable, unsettled_at)
    VALUES (${workspaceId}, ${serverId}, ${name}, '{}', 0, true, ${unsettledAt})
    ON CONFLICT (workspace_id, server_id, name) DO UPDATE SET unsettled_at = EXCLUDED.unsettled_at`;
  return isMarked ? undefined : unsettledAt;
}

/** Clears a mark, unless another change has replaced it since. The row of a name without any version is deleted. */
export async function clearMark(tx: Transaction, secretId: SecretId, mark: Date | undefined): Promise<void> {
  if (mark === undefined) return;
  await tx.secret.deleteMany({ where: { ...secretId, version: 0, unsettledAt: mark } });
  await tx.secret.updateMany({ where: { ...secretId, unsettledAt: mark }, data: { unsettledAt: null } });
}

export function listUnsettled(tx: Transaction, before: Date): Promise<SecretId[]> {
  const where = { unsettledAt: { lt: before } };
  return tx.secret.findMany({ where, select: id, orderBy: { unsettledAt: 'asc' }, take: IDS_MAX });
}

export async function findUnsettled(tx: Transaction, secretId: SecretId, before: Date): Promise<Unsettled | undefined> {
  const row = await tx.secret.findFirst({
    where: { ...secretId, unsettledAt: { lt: before } },
    select: { ...id, version: true, unsettledAt: true, versions: { select: { version: true } } },
  });
  if (row === null || row.unsettledAt === null) return undefined;
  return { ...row, unsettledAt: row.unsettledAt };
}

/** Lists names with expired versions. A version in use is deleted later. */
export function listWithRetired(tx: Transaction): Promise<SecretId[]> {
  return tx.$queryRaw`
    SELECT DISTINCT v.workspace_id AS "workspaceId", v.server_id AS "serverId", v.name
    FROM secret_versions v JOIN secrets s USING (workspace_id, server_id, name)
    WHERE v.retires_at <= ${new Date()} AND v.version <> s.version
    LIMIT ${IDS_MAX}`;
}

export async function listRetired(tx: Transaction, secretId: SecretId): Promise<number[]> {
  const inUse = await tx.secret.findFirst({ where: secretId, select: { version: true } });
  const where = { ...secretId, retiresAt: { lte: new Date() } };
  const rows = await tx.secretVersion.findMany({ where, select: { version: true } });
  return rows.map(({ version }) => version).filter((version) => version !== inUse?.version);
}

export async function deleteVersions(tx: Transaction, secretId: SecretId, versions: number[]): Promise<void> {
  await tx.secretVersion.deleteMany({ where: { ...secretId, version: { in: versions } } });
}

/** Finds the row of a name, even if no version is known to have been stored. */
export async function findAnyRow(tx: Transaction, secretId: SecretId) {
  const select = { name: true, versions: { select: { version: true } } };
  return (await tx.secret.findUnique({ where: { workspaceId_serverId_name: secretId }, select })) ?? undefined;
}

export async function deleteSecret(tx: Transaction, secretId: SecretId): Promise<void> {
  await tx.secret.deleteMany({ where: secretId });
}

/** The pool of a server, even if the server was deleted. */
export async function findPool(tx: Transaction, serverId: string): Promise<string | null> {
  const select = { pool: true };
  const found =
    (await tx.server.findUnique({ where: { id: serverId }, select })) ??
    (await tx.serverRemoval.findUnique({ where: { serverId }, select }));
  return found?.pool ?? null;
}

/** The next deleted server by id whose secrets may still be stored. After the last one comes the first. */
export async function findLeftovers(tx: Transaction, afterId: string) {
  const where = { NOT: { secretNames: { isEmpty: true } } };
  const orderBy = { serverId: 'asc' } as const;
  const next = await tx.serverRemoval.findFirst({ where: { ...where, serverId: { gt: afterId } }, orderBy });
  return next ?? (await tx.serverRemoval.findFirst({ where, orderBy })) ?? undefined;
}

export async function clearLeftovers(tx: Transaction, serverId: string): Promise<void> {
  await tx.serverRemoval.update({ where: { serverId }, data: { secretNames: [] } });
}

/**
 * Deletes the records of removed servers that were published and have no secrets left: the other planes have been
 * notified of them and keep nothing of them.
 */
export async function deleteSettledRemovals(tx: Transaction): Promise<void> {
  await tx.serverRemoval.deleteMany({ where: { isPublished: true, secretNames: { isEmpty: true } } });
}
