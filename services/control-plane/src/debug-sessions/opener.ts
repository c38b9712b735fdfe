import type { Actor } from '../access/principal.ts';
import type { Transaction } from '../database/database.ts';

/** Who opened a debug session, whose id stands for a key in what its token calls; undefined: there is no such session. */
export async function findOpener(tx: Transaction, sessionId: string): Promise<Actor | undefined> {
  const row = await tx.debugSession.findUnique({ where: { id: sessionId }, select: { openedBy: true } });
  return row === null ? undefined : (JSON.parse(row.openedBy) as Actor);
}
