import type { Person as Row } from '../../generated/client.ts';
import type { Transaction } from '../../platform/database/database.ts';

export type Person = { id: string; email: string; name: string };
export type PersonWithPassword = Person & { passwordHash: string | null };

export async function insertPerson(tx: Transaction, person: PersonWithPassword): Promise<Person> {
  return toPerson(await tx.person.create({ data: person }));
}

/** Deactivated people are treated as if they did not exist. */
export async function findPerson(
  tx: Transaction,
  where: { id: string } | { email: string },
): Promise<PersonWithPassword | undefined> {
  const row = await tx.person.findUnique({ where: where as { id: string } });
  return row?.isActive ? { ...toPerson(row), passwordHash: row.passwordHash } : undefined;
}

/** Serializes changes of one person's authentication until the end of the transaction. */
export async function lockPerson(tx: Transaction, id: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM persons WHERE id = ${id} FOR NO KEY UPDATE`;
}

export async function setPasswordHash(tx: Transaction, id: string, passwordHash: string): Promise<void> {
  await tx.person.updateMany({ where: { id }, data: { passwordHash } });
}

export async function noteSignIn(tx: Transaction, id: string): Promise<void> {
  await tx.person.updateMany({ where: { id }, data: { lastSignInAt: new Date() } });
}

export function toPerson({ id, email, name }: Pick<Row, 'id' | 'email' | 'name'>): Person {
  return { id, email, name };
}

export async function listPersons(
  tx: Transaction,
  ids: string[],
): Promise<(Person & { lastSignInAt: string | null })[]> {
  const rows = await tx.person.findMany({ where: { id: { in: ids } } });
  return rows.map((row) => ({ ...toPerson(row), lastSignInAt: row.lastSignInAt?.toISOString() ?? null }));
}
