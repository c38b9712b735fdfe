import type { Transaction } from '../../platform/database/database.ts';

export type LentRow = {
  id: string;
  slug: string;
  pool: string | null;
  allowedHosts: string[];
  /** Number of changes of shared credentials. */
  credentialsVersion: number;
  instanceName: string;
  /** What the server runs, as JSON text. Null if it runs nothing yet. */
  compiled: string | null;
};

/** Returns the rows ordered by id. If `serverId` is set, returns only this server. */
export function readLent(tx: Transaction, workspaceId: string, serverId: string | undefined): Promise<LentRow[]> {
  return tx.$queryRaw<LentRow[]>`
    SELECT id, slug, pool, allowed_hosts AS "allowedHosts", credentials_version AS "credentialsVersion",
      instance_name AS "instanceName",
      lent_deployment(${workspaceId}, id) AS compiled
    FROM lent_servers(${workspaceId}) WHERE is_running AND id = coalesce(${serverId ?? null}, id) ORDER BY id COLLATE "C"`;
}

/** Includes servers that run nothing yet. */
export async function listLentIds(tx: Transaction, workspaceId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM lent_servers(${workspaceId}) WHERE is_running ORDER BY id COLLATE "C"`;
  return rows.map(({ id }) => id);
}
