import type { SecretUse } from '@toolplane/bus';
import { type SealingKey, type StoredSecret, sealingKeySchema } from '@toolplane/contracts';
import type { Prisma } from '../../generated/client.ts';
import type { Transaction } from '../../platform/database/database.ts';
import { stored } from './secret-hosts.ts';

export type ListedSecret = {
  name: string;
  /** The hosts of the version in use. `isRedactable` is also about this version. */
  hosts: string[];
  version: number;
  newestVersion: number;
  isPinned: boolean;
  isRedactable: boolean;
  createdAt: string;
  updatedAt: string;
  lastUsedAt: string | null;
};

export type SecretVersion = {
  version: number;
  hosts: string[];
  isRedactable: boolean;
  createdAt: string;
  /** The time when the version is deleted. Null for the version in use and for the newest one. */
  retiresAt: string | null;
  lastUsedAt: string | null;
};

/** A secret with its versions, newest first. */
export type SecretWithVersions = ListedSecret & { versions: SecretVersion[] };

export type SecretId = { workspaceId: string; serverId: string; name: string };

const withVersions = { versions: { orderBy: { version: 'desc' } } } as const satisfies Prisma.SecretInclude;
type Row = Prisma.SecretGetPayload<{ include: typeof withVersions }>;

/** Limit of versions in addition to those that are always kept, because each version has a cost. */
const RETIRING_MAX = 10;
/** Locks a name until the end of the transaction, even if it has no row. */
export async function lockSecret(tx: Transaction, { serverId, name }: SecretId): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`${serverId}/${name}`}, 0))`;
}

export async function findSecret(tx: Transaction, id: SecretId): Promise<SecretWithVersions | undefined> {
  const row = await tx.secret.findFirst({ where: { ...id, ...stored }, include: withVersions });
  return row === null ? undefined : toSecretWithVersions(row);
}

export async function listSecrets(
  tx: Transaction,
  { serverId, page, limit }: { serverId: string; page: number; limit: number },
) {
  const where = { serverId, ...stored };
  const rows = await tx.secret.findMany({
    where,
    include: withVersions,
    orderBy: { name: 'asc' },
    skip: (page - 1) * limit,
    take: limit,
  });
  return { items: rows.map(toSecret), total: await tx.secret.count({ where }) };
}

export async function insertVersion(
  tx: Transaction,
  id: SecretId,
  { version, hosts, isRedactable }: StoredSecret,
): Promise<void> {
  const value = { hosts, isRedactable, createdAt: new Date(), retiresAt: null, lastUsedAt: null };
  // The row exists, unless the secret was deleted after this change was marked.
  await tx.secret.createMany({ data: { ...id, version: 0, hosts, isRedactable }, skipDuplicates: true });
  await tx.secretVersion.upsert({
    where: { workspaceId_serverId_name_version: { ...id, version } },
    create: { ...id, version, ...value },
    update: value,
  });
}

/** Puts a stored version into use. */
export async function useVersion(
  tx: Transaction,
  id: SecretId,
  { version, isPinned }: { version: number; isPinned: boolean },
): Promise<void> {
  const where = { workspaceId_serverId_name_version: { ...id, version } };
  const { hosts, isRedactable } = await tx.secretVersion.findUniqueOrThrow({ where });
  await tx.secret.update({
    where: { workspaceId_serverId_name: id },
    data: { version, hosts, isRedactable, isPinned, updatedAt: new Date() },
  });
}

/** The deletion time of a replaced version: `by`, or a later time that was already set. */
export async function findRetirement(tx: Transaction, id: SecretId & { version: number }, by: Date): Promise<Date> {
  const { workspaceId, serverId, name, version } = id;
  const where = { workspaceId_serverId_name_version: { workspaceId, serverId, name, version } };
  const { retiresAt } = await tx.secretVersion.findUniqueOrThrow({ where, select: { retiresAt: true } });
  return retiresAt === null || retiresAt < by ? by : retiresAt;
}

/**
 * The version in use and the newest version stay. The others are deleted at their own time. A version in use keeps its
 * time for when it is replaced. `at` applies to versions without a time, and to the replaced version if its own time is
 * earlier.
 */
export async function retireOthers(
  tx: Transaction,
  id: SecretId,
  { replaced, at }: { replaced: number | undefined; at: Date },
): Promise<void> {
  const row = await tx.secret.findUniqueOrThrow({
    where: { workspaceId_serverId_name: id },
    include: withVersions,
  });
  const newest = newestOf(row);
  const staying = [row.version, newest];
  await tx.secretVersion.updateMany({
    where: {
      ...id,
      version: { not: newest },
      OR: [{ retiresAt: null }, { version: replaced ?? newest, retiresAt: { lt: at } }],
    },
    data: { retiresAt: at },
  });
  const retiring = row.versions.map(({ version }) => version).filter((version) => !staying.includes(version));
  const excess = retiring.slice(RETIRING_MAX);
  if (excess.length === 0) return;
  await tx.secretVersion.updateMany({ where: { ...id, version: { in: excess } }, data: { retiresAt: new Date() } });
}

/**
 * Saves only later times than the stored ones. Versions in mounted files, which people maintain, may be greater than
 * any version that is stored here.
 */
export async function saveVersionUses(tx: Transaction, uses: readonly SecretUse[]): Promise<void> {
  await tx.$executeRaw`
    UPDATE secret_versions v SET last_used_at = LEAST(to_timestamp(u."at" / 1000.0), now())
    FROM (
      SELECT "workspaceId", "serverId", "name", "version", max("at") AS "at"
      FROM jsonb_to_recordset(${toRows(uses)}::jsonb)
        AS r("workspaceId" TEXT, "serverId" TEXT, "name" TEXT, "version" BIGINT, "at" DOUBLE PRECISION)
      GROUP BY 1, 2, 3, 4
    ) u
    WHERE v.workspace_id = u."workspaceId" AND v.server_id = u."serverId" AND v.name = u."name"
      AND v.version = u."version" AND (v.last_used_at IS NULL OR v.last_used_at < to_timestamp(u."at" / 1000.0))`;
}

/** Saves the last uses of secrets as a whole. */
export async function saveSecretUses(tx: Transaction, uses: readonly SecretUse[]): Promise<void> {
  await tx.$executeRaw`
    UPDATE secrets s SET last_used_at = LEAST(to_timestamp(u."at" / 1000.0), now())
    FROM (
      SELECT "workspaceId", "serverId", "name", max("at") AS "at"
      FROM jsonb_to_recordset(${toRows(uses)}::jsonb)
        AS r("workspaceId" TEXT, "serverId" TEXT, "name" TEXT, "at" DOUBLE PRECISION)
      GROUP BY 1, 2, 3
    ) u
    WHERE s.workspace_id = u."workspaceId" AND s.server_id = u."serverId" AND s.name = u."name"
      AND (s.last_used_at IS NULL OR s.last_used_at < to_timestamp(u."at" / 1000.0))`;
}

function toRows(uses: readonly SecretUse[]): string {
  return JSON.stringify(uses.map(({ ref, at }) => ({ ...ref, at })));
}

export async function saveSealingKey(tx: Transaction, key: SealingKey, pool: string | null): Promise<void> {
  const { kid } = key;
  const seen = { jwk: key, pool, seenAt: new Date() };
  await tx.sealingKey.upsert({ where: { kid }, create: { kid, ...seen }, update: seen });
}

/** The key that a data plane of the pool announced last. */
export async function findSealingKey(tx: Transaction, pool: string | null): Promise<SealingKey | undefined> {
  const row = await tx.sealingKey.findFirst({ where: { pool }, orderBy: { seenAt: 'desc' } });
  return row === null ? undefined : sealingKeySchema.parse(row.jwk);
}

function newestOf({ version, versions }: { version: number; versions: readonly { version: number }[] }): number {
  return Math.max(version, ...versions.map((kept) => kept.version));
}

function toSecretWithVersions(row: Row): SecretWithVersions {
  return { ...toSecret(row), versions: row.versions.map((kept) => toVersion(kept, row.version)) };
}

function toSecret(row: Row): ListedSecret {
  const { name, hosts, version, isPinned, isRedactable, createdAt, updatedAt, lastUsedAt } = row;
  return {
    name,
    hosts,
    version,
    newestVersion: newestOf(row),
    isPinned,
    isRedactable,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}

function toVersion(row: Row['versions'][number], versionInUse: number): SecretVersion {
  const { version, hosts, isRedactable, createdAt, retiresAt, lastUsedAt } = row;
  return {
    version,
    hosts,
    isRedactable,
    createdAt: createdAt.toISOString(),
    retiresAt: version === versionInUse ? null : (retiresAt?.toISOString() ?? null),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
