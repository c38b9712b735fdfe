import type { Transaction } from '../platform/database/database.ts';

/** A deployment takes seconds, so one that has not ended after this time was interrupted. */
const DEPLOYING_MS_MAX = 60_000;

/** Ids of what is unpublished. Egress rules and catalogues have the ids of their workspaces. */
export type Pending = Record<'egressRules' | 'catalogues' | 'servers' | 'apiKeys' | 'removals', string[]>;

export async function findPending(tx: Transaction): Promise<Pending> {
  const where = { isPublished: false };
  const select = { id: true } as const;
  const removals = await tx.serverRemoval.findMany({ where, select: { serverId: true } });
  return {
    egressRules: toIds(await tx.workspace.findMany({ where: { isEgressPublished: false }, select })),
    catalogues: toIds(await tx.workspace.findMany({ where: { isCataloguePublished: false }, select })),
    servers: toIds(await tx.server.findMany({ where, select })),
    apiKeys: toIds(await tx.apiKey.findMany({ where, select })),
    removals: removals.map(({ serverId }) => serverId),
  };
}

/** The last revision that was assigned. */
export async function readRevision(tx: Transaction): Promise<number> {
  const [row] = await tx.$queryRaw<
    { revision: number }[]
  >`SELECT last_value::int AS revision FROM publication_revision`;
  return row?.revision ?? 0;
}

/** Takes a revision for a document without a table row. */
export async function nextRevision(tx: Transaction): Promise<number> {
  const [row] = await tx.$queryRaw<{ revision: number }[]>`SELECT nextval('publication_revision')::int AS revision`;
  return row?.revision ?? 0;
}

export async function listServerIds(tx: Transaction, afterId: string, limit: number): Promise<string[]> {
  const where = { id: { gt: afterId } };
  return toIds(await tx.server.findMany({ where, select: { id: true }, orderBy: { id: 'asc' }, take: limit }));
}

export async function listWorkspaceIds(tx: Transaction, afterId: string, limit: number): Promise<string[]> {
  const where = { id: { gt: afterId } };
  return toIds(await tx.workspace.findMany({ where, select: { id: true }, orderBy: { id: 'asc' }, take: limit }));
}

/** Ends deployments whose process no longer runs. */
export async function endInterruptedDeployments(tx: Transaction): Promise<void> {
  const message = 'The process that deployed it ended before the deployment was complete; deploy it again';
  const createdBefore = new Date(Date.now() - DEPLOYING_MS_MAX);
  await tx.deployment.updateMany({
    where: { state: 'deploying', createdAt: { lt: createdBefore } },
    data: { state: 'errored', error: JSON.stringify({ code: 'internal', message }) },
  });
}

export function toIds(rows: { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}
