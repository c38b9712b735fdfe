import type { Transaction } from '../database/database.ts';
import type { Prisma, Server as Row } from '../generated/client.ts';
import type { Position } from './cursor.ts';

export type ServerState = 'stopped' | 'running' | 'errored';

export type Server = {
  id: string;
  workspaceId: string;
  slug: string;
  description: string | null;
  mode: 'SMART' | 'NORMAL';
  isPublic: boolean;
  allowedHosts: string[];
  /** Base URLs in place of those that the OpenAPI documents of sources declare, by the name of the source. */
  sourceServers: Record<string, string>;
  state: ServerState;
  version: number;
  activeDeploymentId: string | null;
  createdAt: string;
  updatedAt: string;
};

export type ServerChange = {
  slug?: string | undefined;
  description?: string | undefined;
  mode?: Server['mode'] | undefined;
  isPublic?: boolean | undefined;
  allowedHosts?: string[] | undefined;
  sourceServers?: Record<string, string> | undefined;
};

export type NewServer = Pick<
  Server,
  'id' | 'workspaceId' | 'slug' | 'description' | 'mode' | 'isPublic' | 'allowedHosts' | 'sourceServers'
>;

export type ServerList = {
  q: string | undefined;
  sortBy: 'createdAt' | 'updatedAt' | 'name';
  sortOrder: 'ASC' | 'DESC';
  page: number;
  limit: number;
  after: Position | undefined;
};

const withErrors = {
  _count: { select: { deployments: { where: { state: 'errored' } } } },
} as const satisfies Prisma.ServerInclude;
type RowWithErrors = Row & { _count: { deployments: number } };

export async function insertServer(tx: Transaction, { sourceServers, ...server }: NewServer): Promise<Server> {
  const data = { ...server, sourceServers: JSON.stringify(sourceServers) };
  return toServer(await tx.server.create({ data, include: withErrors }));
}

/** Slugs hold no underscore and ids always do, so one path parameter can be either. */
export async function findServer(tx: Transaction, idOrSlug: string): Promise<Server | undefined> {
  const where = idOrSlug.includes('_') ? { id: idOrSlug } : { slug: idOrSlug };
  const row = await tx.server.findFirst({ where, include: withErrors });
  return row === null ? undefined : toServer(row);
}

/** Makes changes, deployments and publications of one server wait for each other. Undefined when it is gone. */
export async function lockServer(tx: Transaction, id: string): Promise<Server | undefined> {
  await tx.$queryRaw`SELECT 1 FROM servers WHERE id = ${id} FOR UPDATE`;
  return findServer(tx, id);
}

export async function updateServer(tx: Transaction, id: string, change: ServerChange): Promise<Server> {
  const { slug, description, mode, isPublic, allowedHosts, sourceServers } = change;
  const row = await tx.server.update({
    where: { id },
    data: {
      ...(slug !== undefined && { slug }),
      ...(description !== undefined && { description }),
      ...(mode !== undefined && { mode }),
      ...(isPublic !== undefined && { isPublic }),
      ...(allowedHosts !== undefined && { allowedHosts }),
      ...(sourceServers !== undefined && { sourceServers: JSON.stringify(sourceServers) }),
      version: { increment: 1 },
      updatedAt: new Date(),
      isPublished: false,
    },
    include: withErrors,
  });
  return toServer(row);
}

/** Leaves the note by which the other planes are told. */
export async function deleteServer(tx: Transaction, { id, workspaceId, slug }: Server): Promise<void> {
  const secrets = await tx.secret.findMany({ where: { serverId: id }, select: { name: true } });
  await tx.serverRemoval.create({
    data: { serverId: id, workspaceId, slug, secretNames: secrets.map(({ name }) => name) },
  });
  await tx.server.delete({ where: { id } });
}

export async function listServers(tx: Transaction, list: ServerList): Promise<{ items: Server[]; total: number }> {
  const direction = list.sortOrder === 'ASC' ? ('asc' as const) : ('desc' as const);
  const column = list.sortBy === 'name' ? 'slug' : list.sortBy;
  const where: Prisma.ServerWhereInput =
    list.q === undefined
      ? {}
      : {
          OR: [
            { slug: { contains: toLiteral(list.q), mode: 'insensitive' } },
            { description: { contains: toLiteral(list.q), mode: 'insensitive' } },
          ],
        };
  const rows = await tx.server.findMany({
    where: { AND: [where, afterPosition(list.after, column, direction)] },
    orderBy: [{ [column]: direction }, { id: direction }],
    skip: list.after === undefined ? (list.page - 1) * list.limit : 0,
    take: list.limit,
    include: withErrors,
  });
  return { items: rows.map(toServer), total: await tx.server.count({ where }) };
}

/** Prisma hands the text to LIKE as it is. */
function toLiteral(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}

function afterPosition(
  after: Position | undefined,
  column: string,
  direction: 'asc' | 'desc',
): Prisma.ServerWhereInput {
  if (after === undefined) return {};
  const value = column === 'slug' ? after.value : new Date(after.value);
  const beyond = direction === 'asc' ? 'gt' : 'lt';
  return { OR: [{ [column]: { [beyond]: value } }, { [column]: value, id: { [beyond]: after.id } }] };
}

function toServer({ _count, ...row }: RowWithErrors): Server {
  const { id, workspaceId, slug, description, mode, isPublic, allowedHosts, version, activeDeploymentId } = row;
  return {
    ...{ id, workspaceId, slug, description, mode, isPublic, allowedHosts, version, activeDeploymentId },
    sourceServers: JSON.parse(row.sourceServers),
    state: activeDeploymentId !== null ? 'running' : _count.deployments > 0 ? 'errored' : 'stopped',
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
