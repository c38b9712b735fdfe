import type { SeenUser } from '@toolplane/bus';
import type { Transaction } from '../database/database.ts';
import { toLikeLiteral } from '../database/like-literal.ts';
import type { Prisma, ExternalUser as Row } from '../generated/client.ts';
import { newId } from '../ids.ts';

export type ExternalUser = Pick<Row, 'id' | 'workspaceId' | 'username' | 'source' | 'isActive'> & {
  createdAt: string;
  updatedAt: string;
  lastSeenAt: string | null;
};

export type UserList = {
  q: string | undefined;
  source: Row['source'] | undefined;
  isActive: boolean | undefined;
  /** These two as at the time of creation. */
  from: string | undefined;
  to: string | undefined;
  page: number;
  limit: number;
};

export async function insertUser(
  tx: Transaction,
  user: Pick<Row, 'id' | 'workspaceId' | 'username' | 'source'>,
): Promise<ExternalUser> {
  return toUser(await tx.externalUser.create({ data: user }));
}

export async function findUser(
  tx: Transaction,
  where: { id: string } | { username: string },
): Promise<ExternalUser | undefined> {
  const row = await tx.externalUser.findFirst({ where });
  return row === null ? undefined : toUser(row);
}

/** Newest first. */
export async function listUsers(tx: Transaction, list: UserList): Promise<{ items: ExternalUser[]; total: number }> {
  const { q, source, isActive, from, to, page, limit } = list;
  const where: Prisma.ExternalUserWhereInput = {
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
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    skip: (page - 1) * limit,
    take: limit,
  });
  return { items: rows.map(toUser), total: await tx.externalUser.count({ where }) };
}

/** Where a user is published depends on the workspace, so both become due. */
export async function toggleUser(
  tx: Transaction,
  { id, workspaceId, isActive }: Pick<ExternalUser, 'id' | 'workspaceId' | 'isActive'>,
): Promise<ExternalUser> {
  const data = { isActive: !isActive, isPublished: false, updatedAt: new Date() };
  await tx.workspace.update({ where: { id: workspaceId }, data: { isUsersPublished: false } });
  return toUser(await tx.externalUser.update({ where: { id }, data }));
}

/** Requires the lock of the workspace. */
export async function saveStanding(
  tx: Transaction,
  { workspaceId, username, isActive }: Pick<Row, 'workspaceId' | 'username' | 'isActive'>,
): Promise<void> {
  // Edges may report a new user at this moment, who is then deactivated like a known one.
  const added = isActive ? 0 : await insertDeactivated(tx, { workspaceId, username });
  const data = { isActive, isPublished: false, updatedAt: new Date() };
  const { count } = await tx.externalUser.updateMany({ where: { username, isActive: !isActive }, data });
  if (added + count === 0) return;
  await tx.workspace.update({ where: { id: workspaceId }, data: { isUsersPublished: false } });
}

async function insertDeactivated(
  tx: Transaction,
  { workspaceId, username }: Pick<Row, 'workspaceId' | 'username'>,
): Promise<number> {
  const user = { id: newId('usr'), workspaceId, username, source: 'api', isActive: false } as const;
  return (await tx.externalUser.createMany({ data: user, skipDuplicates: true })).count;
}

/**
 * For the platform, because edges report about all workspaces at once. One user may be reported twice: while peppers
 * are rotated, by edges with either.
 */
export async function noteSeen(tx: Transaction, seen: SeenUser[]): Promise<void> {
  const ids = seen.map(() => newId('usr'));
  const workspaces = seen.map(({ workspaceId }) => workspaceId);
  const names = seen.map(({ username }) => username);
  const times = seen.map(({ at }) => new Date(at));
  // Always in the same order, so that two concurrent runs do not deadlock.
  await tx.$executeRaw`
    INSERT INTO external_users AS known (id, workspace_id, username, source, last_seen_at)
    SELECT DISTINCT ON (s.workspace_id, s.username) s.id, s.workspace_id, s.username, 'mcp', s.seen_at
    FROM unnest(${ids}::text[], ${workspaces}::text[], ${names}::text[], ${times}::timestamptz[])
      AS s (id, workspace_id, username, seen_at)
    JOIN workspaces w ON w.id = s.workspace_id
    WHERE w.unknown_users = 'create' OR EXISTS (
      SELECT 1 FROM external_users u WHERE u.workspace_id = s.workspace_id AND u.username = s.username)
    ORDER BY s.workspace_id, s.username, s.seen_at DESC
    ON CONFLICT (workspace_id, username)
    DO UPDATE SET last_seen_at = GREATEST(known.last_seen_at, EXCLUDED.last_seen_at)`;
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
