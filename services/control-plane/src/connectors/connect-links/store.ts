import type { Transaction } from '../../platform/database/database.ts';

/** A link that was used. */
export type UsedLink = { linkHash: string; workspaceId: string; expiresAt: Date };

/** Returns false if the link was already used. */
export async function insertUsed(tx: Transaction, link: UsedLink): Promise<boolean> {
  const { count } = await tx.connectLink.createMany({ data: link, skipDuplicates: true });
  return count === 1;
}

export async function isUsed(tx: Transaction, linkHash: string): Promise<boolean> {
  return (await tx.connectLink.count({ where: { linkHash } })) > 0;
}

export async function deleteUsed(tx: Transaction, linkHash: string): Promise<void> {
  await tx.connectLink.deleteMany({ where: { linkHash } });
}

export async function deleteExpired(tx: Transaction): Promise<void> {
  await tx.connectLink.deleteMany({ where: { expiresAt: { lt: new Date() } } });
}
