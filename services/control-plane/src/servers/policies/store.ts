import type { Policy } from '@toolplane/contracts';
import type { Transaction } from '../../platform/database/database.ts';

/** `policy` is null if no policy is set. `version` is 0 if none was ever set. */
export type StoredPolicy = { policy: Policy | null; version: number };

export async function findPolicy(tx: Transaction, serverId: string): Promise<StoredPolicy> {
  const row = await tx.serverPolicy.findUnique({ where: { serverId } });
  if (row === null) return { policy: null, version: 0 };
  return { policy: row.policy === null ? null : (JSON.parse(row.policy) as Policy), version: row.version };
}

/** The policies of servers of the workspace, or lent to it, by the ids of the servers. */
export async function findPolicies(
  tx: Transaction,
  workspaceId: string,
  serverIds: string[],
): Promise<Map<string, Policy>> {
  const rows = await tx.$queryRaw<{ serverId: string; policy: string }[]>`
    SELECT server_id AS "serverId", policy FROM server_policies
    WHERE workspace_id = ${workspaceId} AND server_id = ANY(${serverIds}) AND policy IS NOT NULL
    UNION ALL
    SELECT id, policy FROM lent_servers(${workspaceId}) WHERE id = ANY(${serverIds}) AND policy IS NOT NULL`;
  return new Map(rows.map(({ serverId, policy }) => [serverId, JSON.parse(policy) as Policy]));
}

/** The row outlives the policy, so that a version number is never reused. */
export async function savePolicy(
  tx: Transaction,
  { id: serverId, workspaceId }: { id: string; workspaceId: string },
  { policy, version }: StoredPolicy,
): Promise<void> {
  const data = { policy: policy === null ? null : JSON.stringify(policy), version, updatedAt: new Date() };
  await tx.serverPolicy.upsert({ where: { serverId }, create: { serverId, workspaceId, ...data }, update: data });
}
