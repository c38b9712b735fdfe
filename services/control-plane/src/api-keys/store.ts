import type { Permission } from '@toolplane/contracts';
import type { Tenant, Transaction } from '../database/database.ts';
import type { ApiKey as Row } from '../generated/client.ts';

export type ApiKey = {
  id: string;
  prefix: string;
  workspaceId: string;
  name: string;
  description: string | null;
  permissions: Permission[];
  mayAssertUser: boolean;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
};

export type NewApiKey = Pick<Row, 'id' | 'workspaceId' | 'hash' | 'name' | 'description' | 'expiresAt'> & {
  mayAssertUser?: boolean;
  permissions: Permission[];
};

/** What proves a key, and whose it is. */
export type KeyProof = Tenant & {
  hash: string;
  permissions: Permission[];
  mayAssertUser: boolean;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
};

export async function insertApiKey(tx: Transaction, key: NewApiKey): Promise<ApiKey> {
  return toApiKey(await tx.apiKey.create({ data: key }));
}

/** Inserts a key that was made elsewhere, or brings it up to date. A revoked one stays revoked. */
export async function upsertApiKey(tx: Transaction, key: NewApiKey): Promise<ApiKey> {
  const { id, hash, permissions } = key;
  const update = { hash, permissions, isPublished: false };
  return toApiKey(await tx.apiKey.upsert({ where: { id }, create: key, update }));
}

export async function findApiKey(tx: Transaction, id: string): Promise<ApiKey | undefined> {
  const row = await tx.apiKey.findUnique({ where: { id } });
  return row === null ? undefined : toApiKey(row);
}

/** Newest first; revoked keys stay in the list as a record. */
export async function listApiKeys(tx: Transaction, { page, limit }: { page: number; limit: number }) {
  const rows = await tx.apiKey.findMany({
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    skip: (page - 1) * limit,
    take: limit,
  });
  return { items: rows.map(toApiKey), total: await tx.apiKey.count() };
}

/** Undefined when there is no such key; revoking twice keeps the first time. */
export async function revokeApiKey(tx: Transaction, id: string): Promise<ApiKey | undefined> {
  await tx.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date(), isPublished: false } });
  return findApiKey(tx, id);
}

export async function findKeyProof(tx: Transaction, id: string): Promise<KeyProof | undefined> {
  const row = await tx.apiKey.findUnique({
    where: { id },
    include: { workspace: { select: { organizationId: true } } },
  });
  if (row === null) return undefined;
  return { ...row, organizationId: row.workspace.organizationId, permissions: row.permissions as Permission[] };
}

export async function recordUse(tx: Transaction, id: string, lastUsedAt: Date): Promise<void> {
  await tx.apiKey.updateMany({ where: { id }, data: { lastUsedAt } });
}

function toApiKey(row: Row): ApiKey {
  const { id, workspaceId, name, description } = row;
  return {
    id,
    prefix: `tp_live_${id}`,
    workspaceId,
    name,
    description,
    permissions: row.permissions as Permission[],
    mayAssertUser: row.mayAssertUser,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}
