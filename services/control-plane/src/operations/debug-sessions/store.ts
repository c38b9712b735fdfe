import type { DebugEnvironment } from '@toolplane/contracts';
import type { DebugSession as Row } from '../../generated/client.ts';
import type { Transaction } from '../../platform/database/database.ts';
import type { Actor } from '../../platform/principals/principal.ts';

/**
 * `revoked` means that the person or key that opened the session lost the permission, `server_deleted` that its server
 * was deleted, and `server_moved` that its server now runs in a pool.
 */
export const endReasons = ['stopped', 'expired', 'revoked', 'server_deleted', 'server_moved'] as const;
export type EndReason = (typeof endReasons)[number];

export type DebugSession = Pick<
  Row,
  'id' | 'workspaceId' | 'serverId' | 'tokenHash' | 'mayAssertUser' | 'openedAt' | 'expiresAt'
> & {
  environment: DebugEnvironment | null;
  openedBy: Actor;
  /** Null while the session is open. */
  endedAt: Date | null;
  /** Null if no person or key ended the session. */
  endedBy: Actor | null;
  endReason: EndReason | null;
};

export type NewDebugSession = Omit<DebugSession, 'endedAt' | 'endedBy' | 'endReason'>;

export async function insertSession(tx: Transaction, session: NewDebugSession): Promise<DebugSession> {
  const { environment, openedBy } = session;
  const data = {
    ...session,
    environment: environment === null ? null : JSON.stringify(environment),
    openedBy: JSON.stringify(openedBy),
  };
  return toSession(await tx.debugSession.create({ data }));
}

export async function findSession(
  tx: Transaction,
  { serverId, id }: { serverId: string; id: string },
): Promise<DebugSession | undefined> {
  const row = await tx.debugSession.findFirst({ where: { id, serverId } });
  return row === null ? undefined : toSession(row);
}

/** Returns the newest sessions first. */
export async function listSessions(
  tx: Transaction,
  { serverId, page, limit }: { serverId: string; page: number; limit: number },
): Promise<{ items: DebugSession[]; total: number }> {
  const where = { serverId };
  const rows = await tx.debugSession.findMany({
    where,
    orderBy: [{ openedAt: 'desc' }, { id: 'desc' }],
    skip: (page - 1) * limit,
    take: limit,
  });
  return { items: rows.map(toSession), total: await tx.debugSession.count({ where }) };
}

/** The session of the server that is not marked as ended, although it may have expired. */
export async function findUnended(tx: Transaction, serverId: string): Promise<DebugSession | undefined> {
  const row = await tx.debugSession.findFirst({ where: { serverId, endedAt: null } });
  return row === null ? undefined : toSession(row);
}

/** Does nothing and returns false if the session was already marked as ended. */
export async function markEnded(
  tx: Transaction,
  id: string,
  { at, by, reason }: { at: Date; by: Actor | null; reason: EndReason },
): Promise<boolean> {
  const data = { endedAt: at, endedBy: by === null ? null : JSON.stringify(by), endReason: reason };
  const { count } = await tx.debugSession.updateMany({ where: { id, endedAt: null }, data });
  return count > 0;
}

/** For the platform: ended sessions that may still have data in Redis. */
export async function listUncleared(tx: Transaction): Promise<DebugSession[]> {
  const isOver = { OR: [{ expiresAt: { lte: new Date() } }, { endedAt: { not: null } }] };
  return (await tx.debugSession.findMany({ where: { isCleared: false, ...isOver } })).map(toSession);
}

/** Must run in a transaction of the platform. */
export async function listOpen(tx: Transaction): Promise<DebugSession[]> {
  const where = { isCleared: false, endedAt: null, expiresAt: { gt: new Date() } };
  return (await tx.debugSession.findMany({ where })).map(toSession);
}

export async function markCleared(tx: Transaction, id: string): Promise<void> {
  await tx.debugSession.updateMany({ where: { id }, data: { isCleared: true } });
}

/** Returns undefined if the server no longer exists. */
export async function findWhereRun(tx: Transaction, id: string): Promise<{ pool: string | null } | undefined> {
  return (await tx.server.findUnique({ where: { id }, select: { pool: true } })) ?? undefined;
}

/** Must run in a transaction of the platform. */
export async function deleteEndedBefore(tx: Transaction, before: Date): Promise<void> {
  await tx.debugSession.deleteMany({ where: { isCleared: true, endedAt: { lt: before } } });
}

function toSession({ environment, openedBy, endedBy, endReason, isCleared: _, ...row }: Row): DebugSession {
  return {
    ...row,
    environment: environment === null ? null : (JSON.parse(environment) as DebugEnvironment),
    openedBy: JSON.parse(openedBy) as Actor,
    endedBy: endedBy === null ? null : (JSON.parse(endedBy) as Actor),
    endReason: endReason as EndReason | null,
  };
}
