import type { Transaction } from '../../platform/database/database.ts';
import { type EgressHosts, readEgressHosts } from './egress-hosts.ts';

/** The egress rules as they are shown to people. */
export type ShownEgressRules = EgressHosts & { workspaceId: string; version: number };

export async function findEgressRules(tx: Transaction, workspaceId: string): Promise<ShownEgressRules | undefined> {
  const row = await tx.workspace.findUnique({ where: { id: workspaceId } });
  if (row === null) return undefined;
  return { workspaceId, ...readEgressHosts(row.egressHosts), version: row.egressVersion };
}

/** Locks the rules against other changes until the end of the transaction. */
export async function lockEgressRules(tx: Transaction, workspaceId: string): Promise<ShownEgressRules | undefined> {
  await tx.$queryRaw`SELECT 1 FROM workspaces WHERE id = ${workspaceId} FOR NO KEY UPDATE`;
  return findEgressRules(tx, workspaceId);
}

export async function updateEgressRules(tx: Transaction, { workspaceId, version, ...hosts }: ShownEgressRules) {
  const egressHosts = JSON.stringify(hosts);
  const data = { egressHosts, egressVersion: version, isEgressPublished: false };
  await tx.workspace.update({ where: { id: workspaceId }, data });
}
