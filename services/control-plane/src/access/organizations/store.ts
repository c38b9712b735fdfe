import type { Transaction } from '../../platform/database/database.ts';

export type Organization = { id: string; name: string; createdAt: string };

export async function insertOrganization(tx: Transaction, organization: { id: string; name: string }) {
  const { id, name, createdAt } = await tx.organization.create({ data: organization });
  return { id, name, createdAt: createdAt.toISOString() };
}

export async function ensureOrganization(tx: Transaction, organization: { id: string; name: string }): Promise<void> {
  await tx.organization.upsert({ where: { id: organization.id }, create: organization, update: {} });
}
