import type { Prisma } from '../../generated/client.ts';
import type { Transaction } from './database.ts';

/**
 * Records when rows of a table were last seen; an earlier time never replaces a later one. For the platform, because
 * edges report about all workspaces at once.
 */
export async function saveLastTimes(
  tx: Transaction,
  { table, column }: { table: Prisma.Sql; column: Prisma.Sql },
  seen: readonly { id: string; at: number }[],
): Promise<void> {
  const ids = seen.map(({ id }) => id);
  const times = seen.map(({ at }) => new Date(at));
  // Rows are always locked in the same order, so that two concurrent runs do not deadlock.
  await tx.$executeRaw`
    UPDATE ${table} AS known SET ${column} = GREATEST(known.${column}, s.seen_at)
    FROM (
      SELECT t.id, max(u.seen_at) AS seen_at
      FROM (SELECT id FROM ${table} WHERE id = ANY(${ids}) ORDER BY id FOR NO KEY UPDATE) AS t
      JOIN unnest(${ids}::text[], ${times}::timestamptz[]) AS u (id, seen_at) ON u.id = t.id
      GROUP BY t.id) AS s
    WHERE known.id = s.id`;
}
