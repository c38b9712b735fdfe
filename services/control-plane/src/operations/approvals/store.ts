import type { ApprovalRequest } from '@toolplane/contracts';
import type { Prisma, Approval as Row } from '../../generated/client.ts';
import type { Transaction } from '../../platform/database/database.ts';
import type { Actor } from '../../platform/principals/principal.ts';

type Caller = ApprovalRequest['caller'];

export type Approval = Pick<
  Row,
  'id' | 'workspaceId' | 'serverId' | 'tool' | 'ruleId' | 'requestDigest' | 'argumentNames' | 'validSeconds' | 'reason'
> & {
  /** `expired` means that nobody decided in time. */
  state: 'pending' | 'approved' | 'denied' | 'expired';
  caller: Caller;
  requestedAt: Date;
  /** The time of the last attempt of the call. */
  askedAt: Date;
  /** The end of the time for a decision. */
  expiresAt: Date;
  decidedAt: Date | null;
  decidedBy: Actor | null;
  /** The end of the time for which the decision holds. */
  validUntil: Date | null;
};

export type ApprovalList = {
  state: Approval['state'] | undefined;
  serverId: string | undefined;
  page: number;
  limit: number;
};

export type NewApproval = Omit<ApprovalRequest, 'at' | 'usedApprovalId'> & { id: string; at: Date; expiresAt: Date };

export async function insertApproval(tx: Transaction, { at, caller, ...approvalRequest }: NewApproval): Promise<void> {
  await tx.approval.create({
    data: { ...approvalRequest, caller: JSON.stringify(caller), requestedAt: at, askedAt: at },
  });
}

export async function findApproval(tx: Transaction, id: string): Promise<Approval | undefined> {
  const row = await tx.approval.findUnique({ where: { id } });
  return row === null ? undefined : toApproval(row);
}

/** Blocks other decisions on this approval until the end of the transaction. */
export async function lockApproval(tx: Transaction, id: string): Promise<Approval | undefined> {
  await tx.$queryRaw`SELECT 1 FROM approvals WHERE id = ${id} FOR UPDATE`;
  return findApproval(tx, id);
}

/** Sorted by the time of the first request, newest first. */
export async function listApprovals(
  tx: Transaction,
  { state, serverId, page, limit }: ApprovalList,
): Promise<{ items: Approval[]; total: number }> {
  const where = { ...whereState(state), ...(serverId === undefined ? {} : { serverId }) };
  const rows = await tx.approval.findMany({
    where,
    orderBy: [{ requestedAt: 'desc' }, { id: 'desc' }],
    skip: (page - 1) * limit,
    take: limit,
  });
  return { items: rows.map(toApproval), total: await tx.approval.count({ where }) };
}

export async function saveDecision(
  tx: Transaction,
  id: string,
  decision: { state: 'approved' | 'denied'; by: Actor; reason: string | null; at: Date; validUntil: Date },
): Promise<Approval> {
  const { state, by, reason, at, validUntil } = decision;
  const data = { state, decidedBy: JSON.stringify(by), reason, decidedAt: at, validUntil, isPublished: false };
  return toApproval(await tx.approval.update({ where: { id }, data }));
}

/**
 * For the platform. Processes record requests for approval one after the other; otherwise two would open an approval
 * for the same call.
 */
export async function lockApprovalRequests(tx: Transaction): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('toolplane approval requests'))`;
}

export async function findLastOf(
  tx: Transaction,
  { workspaceId, requestDigest }: Pick<ApprovalRequest, 'workspaceId' | 'requestDigest'>,
): Promise<Approval | undefined> {
  const row = await tx.approval.findFirst({
    where: { workspaceId, requestDigest },
    orderBy: [{ requestedAt: 'desc' }, { id: 'desc' }],
  });
  return row === null ? undefined : toApproval(row);
}

export async function recordAsked(tx: Transaction, id: string, times: { askedAt: Date; expiresAt: Date }) {
  await tx.approval.update({ where: { id }, data: times });
}

/**
 * Counts the pending approvals of the server whose policy asks for them. Returns undefined if the server no longer
 * exists.
 */
export async function readWaiting(
  tx: Transaction,
  { serverId: id, workspaceId }: Pick<ApprovalRequest, 'serverId' | 'workspaceId'>,
): Promise<{ all: number; anonymous: number } | undefined> {
  if ((await tx.server.count({ where: { id, workspaceId } })) === 0) return undefined;
  const where = { serverId: id, ...whereState('pending') };
  const anonymous = { caller: { contains: '"kind":"anonymous"' } };
  return {
    all: await tx.approval.count({ where }),
    anonymous: await tx.approval.count({ where: { ...where, ...anonymous } }),
  };
}

/** Must run in a transaction of the platform. */
export async function deleteEnded(tx: Transaction, before: Date): Promise<void> {
  await tx.approval.deleteMany({
    where: { OR: [{ state: 'pending', expiresAt: { lt: before } }, { validUntil: { lt: before } }] },
  });
}

function whereState(state: Approval['state'] | undefined): Prisma.ApprovalWhereInput {
  if (state === undefined) return {};
  const now = new Date();
  if (state === 'pending') return { state, expiresAt: { gt: now } };
  return state === 'expired' ? { state: 'pending', expiresAt: { lte: now } } : { state };
}

function toApproval({ state, caller, decidedBy, isPublished: _, revision: __, ...row }: Row): Approval {
  const isExpired = state === 'pending' && row.expiresAt.getTime() <= Date.now();
  return {
    ...row,
    state: isExpired ? 'expired' : state,
    caller: JSON.parse(caller) as Caller,
    decidedBy: decidedBy === null ? null : (JSON.parse(decidedBy) as Actor),
  };
}

/**
 * For the tenant: keeps decisions, without the name of the caller. Pending approvals expire, because nobody could
 * determine any more whose calls they are, and valid approvals end, because the next user of this name must not use
 * them. Returns the ids of the approvals to publish.
 */
export async function eraseUser(tx: Transaction, username: string): Promise<string[]> {
  const now = new Date();
  const rows = await tx.$queryRaw<{ id: string; is_published: boolean }[]>`
    UPDATE approvals SET caller = ((caller::jsonb) - 'username')::text,
      expires_at = CASE WHEN state = 'pending' THEN least(expires_at, ${now}::timestamptz) ELSE expires_at END,
      valid_until = CASE WHEN state = 'approved' THEN least(valid_until, ${now}::timestamptz) ELSE valid_until END,
      is_published = is_published AND NOT (state = 'approved' AND valid_until > ${now}::timestamptz)
    WHERE caller::jsonb ->> 'username' = ${username}
    RETURNING id, is_published`;
  return rows.flatMap(({ id, is_published }) => (is_published ? [] : [id]));
}
