import type { Policy } from '@toolplane/contracts';
import type { Transaction } from '../database/database.ts';

/** `policy` is null if there is none, and `version` 0 if there never was one. */
export type StoredPolicy = { policy: Policy | null; version: number };

export async function findPolicy(tx: Transaction, serverId: string): Promise<StoredPolicy> {
  const row = await tx.serverPolicy.findUnique({ where: { serverId } });
  if (row === null) return { policy: null, version: 0 };
  return { policy: row.policy === null ? null : (JSON.parse(row.policy) as Policy), version: row.version };
}

/** By the ids of their servers. */
export async function findPolicies(tx: Transaction, serverIds: string[]): Promise<Map<string, Policy>> {
  const rows = await tx.serverPolicy.findMany({ where: { serverId: { in: serverIds }, policy: { not: null } } });
  return new Map(rows.map(({ serverId, policy }) => [serverId, JSON.parse(policy ?? '') as Policy]));
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
