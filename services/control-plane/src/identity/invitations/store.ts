import type { Invitation as Row } from '../../generated/client.ts';
import type { Transaction } from '../../platform/database/database.ts';

export type Invitation = Pick<Row, 'id' | 'organizationId' | 'workspaceId' | 'role' | 'email' | 'invitedBy'> & {
  createdAt: string;
  expiresAt: string;
};
export type NewInvitation = Omit<Row, 'createdAt' | 'usedAt'>;
/** An invitation with the names that the page of the link shows. */
export type OpenInvitation = Invitation & { organizationName: string; workspaceName: string | null };

export async function insertInvitation(tx: Transaction, invitation: NewInvitation): Promise<Invitation> {
  return toInvitation(await tx.invitation.create({ data: invitation }));
}

/** Also returns undefined if the invitation was used or has expired. */
export async function findOpen(tx: Transaction, tokenHash: string): Promise<OpenInvitation | undefined> {
  const row = await tx.invitation.findFirst({
    where: { tokenHash, ...open() },
    include: { organization: true, workspace: true },
  });
  if (row === null) return undefined;
  const { organization, workspace } = row;
  return { ...toInvitation(row), organizationName: organization.name, workspaceName: workspace?.name ?? null };
}

/** False if somebody else used the invitation first. */
export async function useInvitation(tx: Transaction, id: string): Promise<boolean> {
  return (await tx.invitation.updateMany({ where: { id, ...open() }, data: { usedAt: new Date() } })).count === 1;
}

/** Lists the invitations that can be used, newest first, optionally those of one workspace. */
export async function listOpen(
  tx: Transaction,
  { workspaceId, page, limit }: { workspaceId: string | undefined; page: number; limit: number },
): Promise<{ items: Invitation[]; total: number }> {
  const where = { ...open(), ...(workspaceId === undefined ? {} : { workspaceId }) };
  const rows = await tx.invitation.findMany({
    where,
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    skip: (page - 1) * limit,
    take: limit,
  });
  return { items: rows.map(toInvitation), total: await tx.invitation.count({ where }) };
}

export async function findInvitation(tx: Transaction, id: string): Promise<Invitation | undefined> {
  const row = await tx.invitation.findFirst({ where: { id, ...open() } });
  return row === null ? undefined : toInvitation(row);
}

export async function deleteInvitations(
  tx: Transaction,
  where: { id: string } | { invitedBy: string; organizationId: string; usedAt: null },
): Promise<void> {
  await tx.invitation.deleteMany({ where });
}

function open() {
  return { usedAt: null, expiresAt: { gt: new Date() } };
}

function toInvitation(row: Row): Invitation {
  const { id, organizationId, workspaceId, role, email, invitedBy, createdAt, expiresAt } = row;
  return {
    id,
    organizationId,
    workspaceId,
    role,
    email,
    invitedBy,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}
