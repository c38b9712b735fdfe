import type { Workspace as Row } from '../../generated/client.ts';
import type { Transaction } from '../../platform/database/database.ts';

export type Workspace = {
  id: string;
  organizationId: string;
  name: string;
  unknownUsers: Row['unknownUsers'];
  createdAt: string;
};

export type NewWorkspace = Pick<Workspace, 'id' | 'organizationId' | 'name'>;
export type WorkspaceChange = { unknownUsers?: Workspace['unknownUsers'] | undefined };

export async function insertWorkspace(tx: Transaction, workspace: NewWorkspace): Promise<Workspace> {
  return toWorkspace(await tx.workspace.create({ data: workspace }));
}

export async function ensureWorkspace(tx: Transaction, workspace: NewWorkspace): Promise<void> {
  await tx.workspace.upsert({ where: { id: workspace.id }, create: workspace, update: {} });
}

export async function findWorkspace(tx: Transaction, id: string): Promise<Workspace | undefined> {
  const row = await tx.workspace.findUnique({ where: { id } });
  return row === null ? undefined : toWorkspace(row);
}

/** Runs as the platform. Finds the organizations of these workspaces. */
export async function findOrganizationsOf(tx: Transaction, ids: string[]): Promise<Map<string, string>> {
  const rows = await tx.workspace.findMany({ where: { id: { in: ids } }, select: { id: true, organizationId: true } });
  return new Map(rows.map(({ id, organizationId }) => [id, organizationId]));
}

/** Serializes changes of the users that may be named in a workspace, until the end of the transaction. */
export async function lockWorkspace(tx: Transaction, id: string): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM workspaces WHERE id = ${id} FOR NO KEY UPDATE`;
}

/** Undefined if no such workspace exists. */
export async function updateWorkspace(
  tx: Transaction,
  id: string,
  { unknownUsers }: WorkspaceChange,
): Promise<Workspace | undefined> {
  const data = unknownUsers === undefined ? {} : { unknownUsers, isUsersPublished: false };
  await tx.workspace.updateMany({ where: { id }, data });
  return findWorkspace(tx, id);
}

/** Lists workspaces, oldest first, or only the one with the given id. */
export async function listWorkspaces(
  tx: Transaction,
  { id, page, limit }: { id: string | undefined; page: number; limit: number },
) {
  const where = id === undefined ? {} : { id };
  const rows = await tx.workspace.findMany({
    where,
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    skip: (page - 1) * limit,
    take: limit,
  });
  return { items: rows.map(toWorkspace), total: await tx.workspace.count({ where }) };
}

function toWorkspace({ id, organizationId, name, unknownUsers, createdAt }: Row): Workspace {
  return { id, organizationId, name, unknownUsers, createdAt: createdAt.toISOString() };
}
