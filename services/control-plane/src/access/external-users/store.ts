import type { SeenUser } from '@toolplane/bus';
import { toUserSubject } from '@toolplane/contracts';
import type { Prisma, ExternalUser as Row } from '../../generated/client.ts';
import { DEACTIVATED_MAX } from '../../identity/workspaces/deactivated.ts';
import type { Transaction } from '../../platform/database/database.ts';
import { toLikeLiteral } from '../../platform/database/like-literal.ts';
import { newId } from '../../platform/ids.ts';
import { toDeletedName } from './deleted-name.ts';

export type ExternalUser = Pick<Row, 'id' | 'workspaceId' | 'username' | 'source' | 'isActive'> & {
  createdAt: string;
  updatedAt: string;
  lastSeenAt: string | null;
};

export type UserList = {
  q: string | undefined;
  source: Row['source'] | undefined;
  isActive: boolean | undefined;
  /** `from` and `to` refer to the time of creation. */
  from: string | undefined;
  to: string | undefined;
  /** The newest user first, or the user who was seen last. */
  sortBy: 'createdAt' | 'lastSeenAt';
  page: number;
  limit: number;
};

export async function insertUser(
  tx: Transaction,
  user: Pick<Row, 'id' | 'workspaceId' | 'username' | 'source'>,
): Promise<ExternalUser> {
  const { workspaceId, username } = user;
  const deleted = await tx.externalUser.findFirst({
    where: { workspaceId, username: toDeletedName(workspaceId, username) },
  });
  if (deleted === null) return toUser(await tx.externalUser.create({ data: user }));
  // Creating a deleted user again accepts the name again. The row stays, because it records what was published.
  await tx.workspace.update({ where: { id: workspaceId }, data: { isUsersPublished: false } });
  const now = new Date();
  const again = { ...user, isDeleted: false, isActive: true, isPublished: false, createdAt: now, updatedAt: now };
  return toUser(await tx.externalUser.update({ where: { id: deleted.id }, data: again }));
}

export async function findUser(
  tx: Transaction,
  where: { id: string } | { username: string },
): Promise<ExternalUser | undefined> {
  const row = await tx.externalUser.findFirst({ where: { ...where, isDeleted: false } });
  return row === null ? undefined : toUser(row);
}

/** Undefined if nothing was decided about the name. */
export async function findStanding(
  tx: Transaction,
  workspaceId: string,
  username: string,
): Promise<{ isActive: boolean } | undefined> {
  const where = { workspaceId, username: { in: [username, toDeletedName(workspaceId, username)] } };
  const rows = await tx.externalUser.findMany({ where, select: { isActive: true } });
  return rows.length === 0 ? undefined : { isActive: rows.every(({ isActive }) => isActive) };
}

export async function listUsers(tx: Transaction, list: UserList): Promise<{ items: ExternalUser[]; total: number }> {
  const { q, source, isActive, from, to, sortBy, page, limit } = list;
  const where: Prisma.ExternalUserWhereInput = {
    isDeleted: false,
    ...(q === undefined ? {} : { username: { contains: toLikeLiteral(q), mode: 'insensitive' } }),
    ...(source === undefined ? {} : { source }),
    ...(isActive === undefined ? {} : { isActive }),
    createdAt: {
      ...(from === undefined ? {} : { gte: new Date(from) }),
      ...(to === undefined ? {} : { lte: new Date(to) }),
    },
  };
  const rows = await tx.externalUser.findMany({
    where,
    orderBy: [
      ...(sortBy === 'lastSeenAt' ? [{ lastSeenAt: { sort: 'desc', nulls: 'last' } } as const] : []),
      { createdAt: 'desc' },
      { id: 'desc' },
    ],
    skip: (page - 1) * limit,
    take: limit,
  });
  return { items: rows.map(toUser), total: await tx.externalUser.count({ where }) };
}

/** A user is published with the workspace or separately, depending on the workspace, so both become due. */
export async function toggleUser(
  tx: Transaction,
  { id, workspaceId, isActive }: Pick<ExternalUser, 'id' | 'workspaceId' | 'isActive'>,
): Promise<ExternalUser> {
  const data = { isActive: !isActive, isPublished: false, updatedAt: new Date() };
  await tx.workspace.update({ where: { id: workspaceId }, data: { isUsersPublished: false } });
  return toUser(await tx.externalUser.update({ where: { id }, data }));
}

/** Requires the lock of the workspace. Afterwards, a single row determines the standing of the name. */
export async function saveStanding(
  tx: Transaction,
  { workspaceId, username, isActive }: Pick<Row, 'workspaceId' | 'username' | 'isActive'>,
): Promise<void> {
  const standing = await findStanding(tx, workspaceId, username);
  if ((standing?.isActive ?? true) === isActive) return;
  const deleted = { workspaceId, username: toDeletedName(workspaceId, username) };
  const known = await tx.externalUser.findFirst({ where: { workspaceId, username } });
  // A row of a deleted user is reused, because it records what was published to edges.
  if (known === null) await tx.externalUser.updateMany({ where: deleted, data: { username, isDeleted: false } });
  else await tx.externalUser.deleteMany({ where: deleted });
  const user = { id: newId('usr'), workspaceId, username, source: 'api' } as const;
  // The user may get a row at the same moment, and then has the same standing as a user who already had one.
  await tx.externalUser.upsert({
    where: { workspaceId_username: { workspaceId, username } },
    create: { ...user, isActive },
    update: { isActive, isPublished: false, updatedAt: new Date() },
  });
  await tx.workspace.update({ where: { id: workspaceId }, data: { isUsersPublished: false } });
}

/**
 * Runs as the platform, because edges report about all workspaces at once. Only users who are kept for a reason have a
 * row: a key may use any name, so a name alone is not a reason. While peppers are rotated, edges with the old and the
 * new one may report the same user.
 */
export async function noteSeen(tx: Transaction, seen: SeenUser[]): Promise<void> {
  const workspaces = seen.map(({ workspaceId }) => workspaceId);
  const names = seen.map(({ username }) => username);
  const times = seen.map(({ at }) => new Date(at));
  // Rows are always locked in the same order, so that two concurrent runs do not deadlock.
  await tx.$executeRaw`
    WITH seen AS (
      SELECT s.workspace_id, s.username, max(s.seen_at) AS seen_at
      FROM unnest(${workspaces}::text[], ${names}::text[], ${times}::timestamptz[]) AS s (workspace_id, username, seen_at)
      GROUP BY s.workspace_id, s.username
    ), known AS (
      SELECT u.id, seen.seen_at FROM external_users u JOIN seen USING (workspace_id, username)
      ORDER BY u.id FOR UPDATE OF u)
    UPDATE external_users u SET last_seen_at = GREATEST(u.last_seen_at, known.seen_at) FROM known WHERE u.id = known.id`;
}

/**
 * Runs as the platform. Creates a row for a user who has something now. Does nothing for a deleted name, or in a
 * workspace that refuses unknown users, where a row would admit the user.
 */
export async function keepUser(
  tx: Transaction,
  { workspaceId, username }: Pick<Row, 'workspaceId' | 'username'>,
): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO external_users (id, workspace_id, username, source)
    SELECT ${newId('usr')}, w.id, ${username}, 'mcp' FROM workspaces w
    WHERE w.id = ${workspaceId} AND w.unknown_users = 'create' AND NOT EXISTS (
      SELECT 1 FROM external_users u WHERE u.workspace_id = w.id AND u.username = ${toDeletedName(workspaceId, username)})
    ON CONFLICT (workspace_id, username) DO NOTHING`;
}

/** Requires the lock of the workspace. Edges receive a refusal only for names that they would accept otherwise. */
export async function deleteUser(
  tx: Transaction,
  { id, workspaceId, username }: Pick<Row, 'id' | 'workspaceId' | 'username'>,
): Promise<void> {
  const isForgotten = await tx.externalUser.deleteMany({
    where: { id, isActive: true, revision: 0, workspace: { unknownUsers: 'create' } },
  });
  if (isForgotten.count > 0) return;
  const data = { username: toDeletedName(workspaceId, username), isDeleted: true, isActive: false };
  await tx.externalUser.updateMany({
    where: { id },
    data: { ...data, lastSeenAt: null, isPublished: false, updatedAt: new Date() },
  });
  await forgetFirstDeleted(tx, workspaceId);
  await tx.workspace.update({ where: { id: workspaceId }, data: { isUsersPublished: false } });
}

/** Beyond the limit, the names that were deleted first are released, once edges no longer consider them accepted. */
async function forgetFirstDeleted(tx: Transaction, workspaceId: string): Promise<void> {
  await tx.$executeRaw`
    DELETE FROM external_users WHERE id IN (
      SELECT id FROM external_users WHERE workspace_id = ${workspaceId} AND NOT is_active AND is_deleted
      ORDER BY updated_at DESC, id OFFSET ${DEACTIVATED_MAX}) AND (revision = 0 OR is_published)`;
}

export async function deleteAuthorizationsOf(tx: Transaction, workspaceId: string, username: string): Promise<void> {
  await tx.authorization.deleteMany({
    where: {
      scope: 'user',
      OR: [
        { subject: username, instance: { homeWorkspaceId: workspaceId } },
        { subject: toUserSubject(username, workspaceId) },
      ],
    },
  });
}

function toUser({ id, workspaceId, username, source, isActive, createdAt, updatedAt, lastSeenAt }: Row): ExternalUser {
  return {
    id,
    workspaceId,
    username,
    source,
    isActive,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    lastSeenAt: lastSeenAt?.toISOString() ?? null,
  };
}
