import type { PageRequest } from '@toolplane/service-kit/http';
import type { Session as Row } from '../../generated/client.ts';
import type { Transaction } from '../../platform/database/database.ts';
import { type Person, toPerson } from '../people/people.ts';

export type NewSession = Pick<Row, 'id' | 'tokenHash' | 'personId' | 'state' | 'address' | 'userAgent' | 'expiresAt'>;
export type FoundSession = Pick<Row, 'id' | 'state' | 'challenge' | 'expiresAt' | 'lastSeenAt'> & { person: Person };

/** A session as it is shown to its owner. */
export type ShownSession = {
  id: string;
  address: string;
  userAgent: string;
  createdAt: string;
  lastSeenAt: string;
  expiresAt: string;
};

export async function insertSession(tx: Transaction, session: NewSession): Promise<void> {
  await tx.session.create({ data: session });
}

/** Also returns undefined if the session has ended or its person is deactivated. */
export async function findSession(tx: Transaction, tokenHash: string): Promise<FoundSession | undefined> {
  const row = await tx.session.findUnique({ where: { tokenHash }, include: { person: true } });
  if (row === null || !row.person.isActive || row.expiresAt.getTime() <= Date.now()) return undefined;
  const { id, state, challenge, expiresAt, lastSeenAt } = row;
  return { id, state, challenge, expiresAt, lastSeenAt, person: toPerson(row.person) };
}

export async function touchSession(tx: Transaction, id: string): Promise<void> {
  await tx.session.updateMany({ where: { id }, data: { lastSeenAt: new Date() } });
}

/** Sets the challenge for the next response of a passkey. Each challenge is valid once. */
export async function setChallenge(tx: Transaction, id: string, challenge: string | null): Promise<void> {
  await tx.session.updateMany({ where: { id }, data: { challenge } });
}

/** Lists open sessions, newest first. */
export async function listSessions(
  tx: Transaction,
  personId: string,
  { page, limit }: PageRequest,
): Promise<{ items: ShownSession[]; total: number }> {
  const where = { personId, state: 'open', expiresAt: { gt: new Date() } } as const;
  const orderBy = [{ createdAt: 'desc' }, { id: 'desc' }] as const;
  const rows = await tx.session.findMany({ where, orderBy: [...orderBy], skip: (page - 1) * limit, take: limit });
  const items = rows.map(({ id, address, userAgent, createdAt, lastSeenAt, expiresAt }) => ({
    id,
    address,
    userAgent,
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  }));
  return { items, total: await tx.session.count({ where }) };
}

/** False if the person has no such session. */
export async function deleteSession(tx: Transaction, where: { id: string; personId: string }): Promise<boolean> {
  return (await tx.session.deleteMany({ where })).count === 1;
}

export async function deleteSessionsOf(tx: Transaction, personId: string, exceptId = ''): Promise<void> {
  await tx.session.deleteMany({ where: { personId, id: { not: exceptId } } });
}

export async function deleteExpiredSessions(tx: Transaction): Promise<void> {
  await tx.session.deleteMany({ where: { expiresAt: { lt: new Date() } } });
}
