import type { Transaction } from '../database/database.ts';

export type LentRow = {
  id: string;
  slug: string;
  pool: string | null;
  allowedHosts: string[];
  /** Number of changes of shared credentials. */
  credentialsVersion: number;
  instanceName: string;
};

export function listLent(tx: Transaction, workspaceId: string, serverId: string | undefined): Promise<LentRow[]> {
  return tx.$queryRaw<LentRow[]>`
    SELECT id, slug, pool, allowed_hosts AS "allowedHosts", credentials_version AS "credentialsVersion",
      instance_name AS "instanceName"
    FROM lent_servers(${workspaceId}) WHERE is_running AND id = coalesce(${serverId ?? null}, id) ORDER BY id COLLATE "C"`;
}

/** JSON text: what it runs. */
export async function readLentDeployment(
  tx: Transaction,
  workspaceId: string,
  serverId: string,
): Promise<string | undefined> {
  const [row] = await tx.$queryRaw<{ compiled: string | null }[]>`
    SELECT lent_deployment(${workspaceId}, ${serverId}) AS compiled`;
  return row?.compiled ?? undefined;
}
