import type { Transaction } from '../../platform/database/database.ts';
import type { Actor } from '../../platform/principals/principal.ts';

/**
 * The person or key that opened a debug session, whose id takes the place of a key in calls with its token. Returns
 * undefined if no such session exists.
 */
export async function findOpener(tx: Transaction, sessionId: string): Promise<Actor | undefined> {
  const row = await tx.debugSession.findUnique({ where: { id: sessionId }, select: { openedBy: true } });
  return row === null ? undefined : (JSON.parse(row.openedBy) as Actor);
}
