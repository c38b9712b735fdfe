import type { Role } from '@toolplane/contracts';
import type { Transaction } from '../../platform/database/database.ts';

export type Membership = {
  personId: string;
  organizationId: string;
  /** Null for a membership in the whole organization. */
  workspaceId: string | null;
  role: Role;
  createdAt: Date;
};

type Place = Pick<Membership, 'organizationId' | 'workspaceId'>;

export async function insertMembership(tx: Transaction, membership: Omit<Membership, 'createdAt'>): Promise<void> {
  await tx.membership.create({ data: { ...membership, ownerId: ownerOf(membership) } });
}

export async function findMembership(tx: Transaction, personId: string, place: Place): Promise<Membership | undefined> {
  const where = { personId_ownerId: { personId, ownerId: ownerOf(place) } };
  return (await tx.membership.findUnique({ where })) ?? undefined;
}

export async function setRole(tx: Transaction, { personId, ...place }: Membership, role: Role): Promise<void> {
  await tx.membership.updateMany({ where: { personId, ownerId: ownerOf(place) }, data: { role } });
}

export async function deleteMembership(tx: Transaction, { personId, ...place }: Membership): Promise<void> {
  await tx.membership.deleteMany({ where: { personId, ownerId: ownerOf(place) } });
}

/** Lists memberships, oldest first: those of the whole organization, or those with access to one workspace. */
export async function listMemberships(
  tx: Transaction,
  { workspaceId, page, limit }: { workspaceId: string | undefined; page: number; limit: number },
): Promise<{ items: Membership[]; total: number }> {
  const where = workspaceId === undefined ? {} : { OR: [{ workspaceId }, { workspaceId: null }] };
  const items = await tx.membership.findMany({
    where,
    orderBy: [{ createdAt: 'asc' }, { personId: 'asc' }, { ownerId: 'asc' }],
    skip: (page - 1) * limit,
    take: limit,
  });
  return { items, total: await tx.membership.count({ where }) };
}

/** Serializes changes of the owners of an organization until the end of the transaction. */
export async function lockOrganization(tx: Transaction, id: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM organizations WHERE id = ${id} FOR NO KEY UPDATE`;
}

export async function countOwners(tx: Transaction, organizationId: string): Promise<number> {
  return tx.membership.count({ where: { organizationId, workspaceId: null, role: 'owner' } });
}

function ownerOf({ organizationId, workspaceId }: Place): string {
  return workspaceId ?? organizationId;
}
