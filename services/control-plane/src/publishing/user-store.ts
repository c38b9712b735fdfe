import type { ExternalUserRecord, UserRules } from '@toolplane/contracts';
import { digestOfRow } from '../access/external-users/deleted-name.ts';
import type { ExternalUser, Workspace } from '../generated/client.ts';
import type { Transaction } from '../platform/database/database.ts';

/** Workspaces whose rules for users, or some of whose users, are not published. */
export async function findPendingUsers(tx: Transaction): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT w.id FROM workspaces w
    WHERE NOT w.is_users_published OR (w.unknown_users = 'refuse' AND EXISTS (
      SELECT 1 FROM external_users u WHERE u.workspace_id = w.id AND NOT u.is_published))`;
  return rows.map(({ id }) => id);
}

/**
 * Takes new revisions for some users of a workspace that refuses unknown users, for publications that follow in the
 * same transaction. The result is empty if all users are published, or need not be.
 */
export async function takeExternalUsers(
  tx: Transaction,
  workspaceId: string,
  limit: number,
): Promise<ExternalUserRecord[]> {
  const taken = await tx.$queryRaw<{ id: string }[]>`
    UPDATE external_users SET revision = nextval('publication_revision'), is_published = true WHERE id IN (
      SELECT u.id FROM external_users u JOIN workspaces w ON w.id = u.workspace_id
      WHERE u.workspace_id = ${workspaceId} AND w.unknown_users = 'refuse' AND NOT u.is_published
      ORDER BY u.id LIMIT ${limit} FOR UPDATE OF u) RETURNING id`;
  return (await tx.externalUser.findMany({ where: { id: { in: taken.map(({ id }) => id) } } })).map(toRecord);
}

/**
 * Takes a new revision for the rules of a workspace. Undefined if the rules are published, or if some users of the
 * workspace must be published first.
 */
export async function takeUserRules(tx: Transaction, workspaceId: string): Promise<UserRules | undefined> {
  const taken = await tx.$executeRaw`
    UPDATE workspaces w SET users_revision = nextval('publication_revision'), is_users_published = true
    WHERE id = ${workspaceId} AND NOT is_users_published AND (unknown_users = 'create' OR NOT EXISTS (
      SELECT 1 FROM external_users u WHERE u.workspace_id = w.id AND NOT u.is_published))`;
  if (taken === 0) return undefined;
  return toRules(tx, await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId } }));
}

/** The next workspaces by id. Their rules are locked against changes. */
export async function listPublishedUserRules(tx: Transaction, afterId: string, limit: number): Promise<UserRules[]> {
  const ids = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM workspaces WHERE is_users_published AND id > ${afterId} ORDER BY id LIMIT ${limit} FOR SHARE`;
  const where = { id: { in: ids.map(({ id }) => id) } };
  const rules: UserRules[] = [];
  for (const row of await tx.workspace.findMany({ where, orderBy: { id: 'asc' } })) rules.push(await toRules(tx, row));
  return rules;
}

/** The next published users by id, locked against changes. They form one item, because there are many. */
export async function listPublishedUsers(
  tx: Transaction,
  afterId: string,
  limit: number,
): Promise<{ lastId: string; records: ExternalUserRecord[] }[]> {
  const ids = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM external_users WHERE is_published AND id > ${afterId} ORDER BY id LIMIT ${limit} FOR SHARE`;
  const where = { id: { in: ids.map(({ id }) => id) } };
  const rows = await tx.externalUser.findMany({ where, orderBy: { id: 'asc' } });
  const lastId = rows.at(-1)?.id;
  return lastId === undefined ? [] : [{ lastId, records: rows.map(toRecord) }];
}

async function toRules(tx: Transaction, row: Workspace): Promise<UserRules> {
  const { id: workspaceId, unknownUsers, usersRevision: revision } = row;
  const where = { workspaceId, isActive: false };
  const deactivated =
    unknownUsers === 'refuse'
      ? []
      : await tx.externalUser.findMany({ where, select: { workspaceId: true, username: true, isDeleted: true } });
  return {
    version: 1,
    kind: 'users',
    workspaceId,
    revision,
    unknownUsers,
    deactivated: deactivated.map(digestOfRow).sort(),
  };
}

function toRecord(row: ExternalUser): ExternalUserRecord {
  const { workspaceId, revision, isActive } = row;
  return {
    version: 1,
    kind: 'external-user',
    workspaceId,
    revision,
    userDigest: digestOfRow(row),
    state: isActive ? 'active' : 'deactivated',
  };
}
