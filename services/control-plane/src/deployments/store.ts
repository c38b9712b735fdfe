import type { CompiledDocument } from '@toolplane/compiler';
import type { Transaction } from '../database/database.ts';
import type { Prisma } from '../generated/client.ts';

export type Reference = { name: string; content: string; location: string };

export type Deployment = {
  id: string;
  serverId: string;
  /** `deployed` is one that ran and was superseded. */
  state: 'deploying' | 'active' | 'deployed' | 'errored';
  createdAt: string;
};

export type DeploymentSource = { definition: string; references: Reference[] };

export type NewDeployment = DeploymentSource & {
  id: string;
  workspaceId: string;
  serverId: string;
  compiled: CompiledDocument;
};

const summary = { id: true, serverId: true, state: true, createdAt: true, activeOn: { select: { id: true } } } as const;
type Summary = Prisma.DeploymentGetPayload<{ select: typeof summary }>;

export async function insertDeployment(tx: Transaction, deployment: NewDeployment): Promise<void> {
  const { references, compiled, ...rest } = deployment;
  await tx.deployment.create({
    data: { ...rest, references: JSON.stringify(references), compiled: JSON.stringify(compiled) },
  });
}

/** Newest first. */
export async function listDeployments(
  tx: Transaction,
  { serverId, page, limit }: { serverId: string; page: number; limit: number },
) {
  const rows = await tx.deployment.findMany({
    where: { serverId },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    skip: (page - 1) * limit,
    take: limit,
    select: summary,
  });
  return { items: rows.map(toDeployment), total: await tx.deployment.count({ where: { serverId } }) };
}

export async function findDeployment(
  tx: Transaction,
  { serverId, id }: { serverId: string; id: string },
): Promise<(Deployment & DeploymentSource) | undefined> {
  const row = await tx.deployment.findFirst({
    where: { id, serverId },
    select: { ...summary, definition: true, references: true },
  });
  return row === null ? undefined : { ...toDeployment(row), ...toSource(row) };
}

/** The source and the tools of the deployment that runs. */
export async function findActive(
  tx: Transaction,
  serverId: string,
): Promise<(DeploymentSource & { id: string; compiled: CompiledDocument }) | undefined> {
  const row = await tx.deployment.findFirst({ where: { activeOn: { id: serverId } } });
  if (row === null) return undefined;
  return { id: row.id, ...toSource(row), compiled: JSON.parse(row.compiled) as CompiledDocument };
}

export async function activateDeployment(tx: Transaction, { serverId, id }: { serverId: string; id: string }) {
  await tx.deployment.update({ where: { id }, data: { state: 'deployed' } });
  await tx.server.update({ where: { id: serverId }, data: { activeDeploymentId: id } });
}

export async function failDeployment(tx: Transaction, id: string): Promise<void> {
  await tx.deployment.updateMany({ where: { id, state: 'deploying' }, data: { state: 'errored' } });
}

export async function discardDeployment(tx: Transaction, id: string): Promise<void> {
  await tx.deployment.delete({ where: { id } });
}

function toDeployment({ id, serverId, state, createdAt, activeOn }: Summary): Deployment {
  return { id, serverId, state: activeOn === null ? state : 'active', createdAt: createdAt.toISOString() };
}

function toSource(row: { definition: string; references: string }): DeploymentSource {
  return { definition: row.definition, references: JSON.parse(row.references) as Reference[] };
}
