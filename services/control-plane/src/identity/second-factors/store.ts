import type { SecondFactor as Row } from '../../generated/client.ts';
import type { Transaction } from '../../platform/database/database.ts';

export type Factor = Pick<
  Row,
  'id' | 'personId' | 'kind' | 'name' | 'secret' | 'credentialId' | 'counter' | 'isConfirmed'
>;

/** A factor as it is shown to its owner. */
export type ShownFactor = Pick<Row, 'id' | 'kind' | 'name'> & { createdAt: string; lastUsedAt: string | null };

export async function insertFactor(
  tx: Transaction,
  factor: Omit<Factor, 'counter'> & { counter?: bigint },
): Promise<void> {
  await tx.secondFactor.create({ data: factor });
}

export async function findFactors(tx: Transaction, personId: string, kind: Row['kind']): Promise<Factor[]> {
  return tx.secondFactor.findMany({ where: { personId, kind, isConfirmed: true } });
}

/** Finds a factor whose first code has not been confirmed yet. */
export async function findUnconfirmed(tx: Transaction, personId: string, id: string): Promise<Factor | undefined> {
  return (await tx.secondFactor.findFirst({ where: { id, personId, isConfirmed: false } })) ?? undefined;
}

export async function countFactors(tx: Transaction, personId: string): Promise<number> {
  return tx.secondFactor.count({ where: { personId, isConfirmed: true } });
}

export async function listFactors(tx: Transaction, personId: string): Promise<ShownFactor[]> {
  const rows = await tx.secondFactor.findMany({
    where: { personId, isConfirmed: true },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  return rows.map(({ id, kind, name, createdAt, lastUsedAt }) => ({
    id,
    kind,
    name,
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  }));
}

/** False if a concurrent request has already used the factor up to this counter: nothing is valid twice. */
export async function raiseCounter(tx: Transaction, id: string, counter: bigint): Promise<boolean> {
  const data = { counter, isConfirmed: true, lastUsedAt: new Date() };
  return (await tx.secondFactor.updateMany({ where: { id, counter: { lt: counter } }, data })).count === 1;
}

export async function setName(tx: Transaction, id: string, name: string): Promise<void> {
  await tx.secondFactor.updateMany({ where: { id }, data: { name } });
}

/** Records the use of a passkey that does not count signatures. */
export async function noteUse(tx: Transaction, id: string): Promise<void> {
  await tx.secondFactor.updateMany({ where: { id }, data: { lastUsedAt: new Date() } });
}

export async function deleteUnconfirmed(tx: Transaction, personId: string): Promise<void> {
  await tx.secondFactor.deleteMany({ where: { personId, isConfirmed: false } });
}

/** False if the person has no such factor. */
export async function deleteFactor(tx: Transaction, where: { id: string; personId: string }): Promise<boolean> {
  return (await tx.secondFactor.deleteMany({ where })).count === 1;
}

export async function replaceCodes(tx: Transaction, personId: string, hashes: string[]): Promise<void> {
  await tx.recoveryCode.deleteMany({ where: { personId } });
  await tx.recoveryCode.createMany({ data: hashes.map((hash) => ({ hash, personId })) });
}

/** Uses up a recovery code. False if the code is unknown or was already used. */
export async function takeCode(tx: Transaction, where: { hash: string; personId: string }): Promise<boolean> {
  return (await tx.recoveryCode.deleteMany({ where })).count === 1;
}

export async function countCodes(tx: Transaction, personId: string): Promise<number> {
  return tx.recoveryCode.count({ where: { personId } });
}
