import type { ApprovalDecision } from '@toolplane/contracts';
import type { Approval as Row } from '../../generated/client.ts';
import type { Transaction } from '../../platform/database/database.ts';

/** Ids of decisions that are not published to the edges yet. */
export async function findPendingApprovals(tx: Transaction): Promise<string[]> {
  const rows = await tx.approval.findMany({ where: { isPublished: false }, select: { id: true } });
  return rows.map(({ id }) => id);
}

/**
 * Assigns a new revision to the approval, for a publication that follows in the same transaction. Returns undefined if
 * the approval no longer exists, or if the same call was decided again later, because an earlier decision must not
 * replace a later one.
 */
export async function takeApproval(tx: Transaction, id: string): Promise<ApprovalDecision | undefined> {
  const taken = await tx.$executeRaw`
    UPDATE approvals SET revision = nextval('publication_revision'), is_published = true
    WHERE id = ${id} AND state <> 'pending'`;
  if (taken === 0) return undefined;
  const row = await tx.approval.findUniqueOrThrow({ where: { id } });
  const { workspaceId, requestDigest, requestedAt } = row;
  const later = { workspaceId, requestDigest, requestedAt: { gt: requestedAt }, state: { not: 'pending' as const } };
  return (await tx.approval.count({ where: later })) > 0 ? undefined : toDocument(row);
}

/**
 * If Redis has lost its content, the record of which calls were made is lost as well. Approvals end then, so that
 * nothing runs twice with one approval; a caller who still wants to make the call requests approval again.
 */
export async function endApproved(tx: Transaction): Promise<void> {
  await tx.$executeRaw`
    UPDATE approvals SET valid_until = now() WHERE state = 'approved' AND is_published AND valid_until > now()`;
}

function toDocument({ id, workspaceId, requestDigest, revision, state, validUntil }: Row): ApprovalDecision {
  return {
    version: 1,
    kind: 'approval',
    workspaceId,
    requestDigest,
    approvalId: id,
    revision,
    state: state === 'approved' ? 'approved' : 'denied',
    validUntil: validUntil?.getTime() ?? 0,
  };
}
