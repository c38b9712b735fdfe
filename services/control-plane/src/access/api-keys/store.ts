import type { SeenCaller } from '@toolplane/bus';
import type { Permission } from '@toolplane/contracts';
import { Prisma, type ApiKey as Row } from '../../generated/client.ts';
import type { Tenant, Transaction } from '../../platform/database/database.ts';
import { saveLastTimes } from '../../platform/database/save-last-times.ts';
import { partiesOfKey } from '../../platform/principals/parties.ts';

export type ApiKey = {
  id: string;
  prefix: string;
  workspaceId: string;
  name: string;
  description: string | null;
  permissions: Permission[];
  mayAssertUser: boolean;
  agentId: string | null;
  /** In this field and the next two, null means no restriction. */
  allowedServers: string[] | null;
  allowedTools: string[] | null;
  allowedAddresses: string[] | null;
  /** The key that this key replaced. */
  rotatedFrom: string | null;
  /** The key that replaced this key. */
  rotatedTo: string | null;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
};

/** The restrictions of a key, in addition to its permissions. An empty list means no restriction. */
export type Restrictions = {
  /** Ids of servers. */
  allowedServers: string[];
  /** Patterns for names of tools. */
  allowedTools: string[];
  allowedAddresses: string[];
};

export type NewApiKey = Pick<Row, 'id' | 'workspaceId' | 'hash' | 'name' | 'description' | 'expiresAt'> &
  Partial<Pick<Row, 'mayAssertUser' | 'agentId' | 'rotatedFrom' | 'isInternal'>> &
  Partial<Restrictions> & { permissions: Permission[]; holders: readonly string[] };

export type ApiKeyChange = Partial<
  Pick<Row, 'name' | 'description' | 'expiresAt' | 'mayAssertUser' | 'agentId'> &
    Restrictions & { permissions: Permission[] }
>;

export type ApiKeyList = { agentId: string | undefined; page: number; limit: number };

/** The data that verifies a key, and the tenant of the key. */
export type KeyProof = Tenant & {
  hash: string;
  permissions: Permission[];
  mayAssertUser: boolean;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  agentId: string | null;
  /** Null if the key does not belong to an agent. */
  agent: { isActive: boolean; holders: string[] } | null;
  /** The parties that were shown the key; empty if they were not recorded. */
  holders: string[];
  /** An empty list means any address. */
  allowedAddresses: string[];
};

export async function insertApiKey(tx: Transaction, key: NewApiKey): Promise<ApiKey> {
  return toApiKey(tx, await tx.apiKey.create({ data: { ...key, holders: [...key.holders] } }));
}

/** Inserts a key that was created elsewhere, or updates it. A revoked key stays revoked. */
export async function upsertApiKey(tx: Transaction, key: NewApiKey): Promise<ApiKey> {
  const { id, hash, permissions } = key;
  const holders = [...key.holders];
  const update = { hash, permissions, holders, isPublished: false };
  return toApiKey(tx, await tx.apiKey.upsert({ where: { id }, create: { ...key, holders }, update }));
}

/** Finds no internal key: these are not shown, changed or revoked. */
export async function findApiKey(tx: Transaction, id: string): Promise<ApiKey | undefined> {
  const row = await tx.apiKey.findUnique({ where: { id, isInternal: false } });
  return row === null ? undefined : toApiKey(tx, row);
}

/**
 * Serializes changes of one key until the end of the transaction. If its agent must be locked as well, lock the agent
 * first, as every change of an agent and then its keys does.
 */
export async function lockApiKey(tx: Transaction, id: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM api_keys WHERE id = ${id} FOR NO KEY UPDATE`;
}

export async function updateApiKey(tx: Transaction, id: string, change: ApiKeyChange): Promise<ApiKey> {
  return toApiKey(tx, await tx.apiKey.update({ where: { id }, data: { ...change, isPublished: false } }));
}

/** The parties that may hold a key; if the key does not exist, they are unknown. */
export async function findParties(tx: Transaction, id: string): Promise<readonly string[]> {
  const select = { holders: true, agent: { select: { holders: true } } };
  return partiesOfKey((await tx.apiKey.findUnique({ where: { id }, select })) ?? { holders: [], agent: null });
}

/** To policies, a key and the keys that it replaced are one caller, so they belong to the same parties. */
export async function saveHoldersOfRotations(tx: Transaction, id: string, holders: readonly string[]): Promise<void> {
  await tx.$executeRaw`
    WITH RECURSIVE rotations AS (
      SELECT id, rotated_from FROM api_keys WHERE id = ${id}
      UNION
      SELECT k.id, k.rotated_from FROM api_keys k JOIN rotations r ON k.id = r.rotated_from)
    UPDATE api_keys SET holders = ${[...holders]}::text[] WHERE id IN (SELECT id FROM rotations)`;
}

/** Whether credentials of the scope `agent` exist for the key itself. */
export async function hasCredentials(tx: Transaction, id: string): Promise<boolean> {
  return (await tx.connectorCredential.count({ where: { scope: 'agent', subject: id } })) > 0;
}

/** Leaves out revoked keys. */
export async function listKeysOfAgent(tx: Transaction, agentId: string): Promise<ApiKey[]> {
  return toApiKeys(tx, await tx.apiKey.findMany({ where: { agentId, revokedAt: null } }));
}

/** Returns the newest keys first; revoked keys stay in the list as a record. Internal keys are left out. */
export async function listApiKeys(tx: Transaction, { agentId, page, limit }: ApiKeyList) {
  const where = { isInternal: false, ...(agentId !== undefined && { agentId }) };
  const rows = await tx.apiKey.findMany({
    where,
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    skip: (page - 1) * limit,
    take: limit,
  });
  return { items: await toApiKeys(tx, rows), total: await tx.apiKey.count({ where }) };
}

/** Returns undefined if the key does not exist; revoking a key again keeps the first time. */
export async function revokeApiKey(tx: Transaction, id: string): Promise<ApiKey | undefined> {
  await tx.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date(), isPublished: false } });
  return findApiKey(tx, id);
}

/** Revokes all internal keys except this one, and deletes those whose revocation the other planes know. */
export async function endInternalKeys(tx: Transaction, exceptId: string | undefined): Promise<void> {
  const internal = { isInternal: true, ...(exceptId !== undefined && { id: { not: exceptId } }) };
  await tx.apiKey.deleteMany({ where: { ...internal, revokedAt: { not: null }, isPublished: true } });
  const revoked = { revokedAt: new Date(), isPublished: false };
  await tx.apiKey.updateMany({ where: { ...internal, revokedAt: null }, data: revoked });
}

export async function findKeyProof(tx: Transaction, id: string): Promise<KeyProof | undefined> {
  const row = await tx.apiKey.findUnique({
    where: { id },
    include: { workspace: { select: { organizationId: true } }, agent: { select: { isActive: true, holders: true } } },
  });
  if (row === null) return undefined;
  return { ...row, organizationId: row.workspace.organizationId, permissions: row.permissions as Permission[] };
}

/** Also records the use of the key's agent, which is locked first. */
export async function recordUse(tx: Transaction, id: string, { agentId, at }: { agentId: string | null; at: Date }) {
  if (agentId !== null) await tx.agent.updateMany({ where: { id: agentId }, data: { lastSeenAt: at } });
  await tx.apiKey.updateMany({ where: { id }, data: { lastUsedAt: at } });
}

export async function noteSeen(tx: Transaction, seen: SeenCaller[]): Promise<void> {
  const target = { table: Prisma.sql`api_keys`, column: Prisma.sql`last_used_at` };
  await saveLastTimes(
    tx,
    target,
    seen.filter(({ kind }) => kind === 'key'),
  );
}

export function restrictionsOf({ allowedServers, allowedTools, allowedAddresses }: ApiKey): Restrictions {
  return {
    allowedServers: allowedServers ?? [],
    allowedTools: allowedTools ?? [],
    allowedAddresses: allowedAddresses ?? [],
  };
}

async function toApiKey(tx: Transaction, row: Row): Promise<ApiKey> {
  return toAnswer(row, await findSuccessors(tx, [row]));
}

async function toApiKeys(tx: Transaction, rows: Row[]): Promise<ApiKey[]> {
  const successors = await findSuccessors(tx, rows);
  return rows.map((row) => toAnswer(row, successors));
}

/** Maps the id of each replaced key to the id of its successor. */
async function findSuccessors(tx: Transaction, rows: Row[]): Promise<ReadonlyMap<string | null, string>> {
  const where = { rotatedFrom: { in: rows.map(({ id }) => id) } };
  const found = await tx.apiKey.findMany({ where, select: { id: true, rotatedFrom: true } });
  return new Map(found.map(({ id, rotatedFrom }) => [rotatedFrom, id]));
}

function toAnswer(row: Row, successors: ReadonlyMap<string | null, string>): ApiKey {
  const { id, workspaceId, name, description } = row;
  return {
    id,
    prefix: `tp_live_${id}`,
    workspaceId,
    name,
    description,
    permissions: row.permissions as Permission[],
    mayAssertUser: row.mayAssertUser,
    agentId: row.agentId,
    allowedServers: orNull(row.allowedServers),
    allowedTools: orNull(row.allowedTools),
    allowedAddresses: orNull(row.allowedAddresses),
    rotatedFrom: row.rotatedFrom,
    rotatedTo: successors.get(id) ?? null,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}

function orNull(list: string[]): string[] | null {
  return list.length === 0 ? null : list;
}

/** Lists all servers of the workspace, to resolve names. */
export function listServerNames(tx: Transaction): Promise<{ id: string; slug: string }[]> {
  return tx.server.findMany({ select: { id: true, slug: true } });
}
