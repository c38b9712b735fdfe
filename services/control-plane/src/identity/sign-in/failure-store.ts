import type { Transaction } from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';

export async function insertTry(tx: Transaction, tried: { accountHash: string; address: string }): Promise<string> {
  const { id } = await tx.signInFailure.create({ data: { id: newId('sif'), ...tried } });
  return id;
}

export async function countTries(
  tx: Transaction,
  { accountHash, address, since }: { accountHash: string; address: string; since: Date },
): Promise<{ ofAccount: number; fromAddress: number }> {
  const failedAt = { gt: since };
  return {
    ofAccount: await tx.signInFailure.count({ where: { accountHash, failedAt } }),
    fromAddress: await tx.signInFailure.count({ where: { accountHash, address, failedAt } }),
  };
}

export async function deleteTries(
  tx: Transaction,
  where: { id: string } | { accountHash: string; address: string },
): Promise<void> {
  await tx.signInFailure.deleteMany({ where });
}

export async function deleteTriesBefore(tx: Transaction, before: Date): Promise<void> {
  await tx.signInFailure.deleteMany({ where: { failedAt: { lt: before } } });
}
