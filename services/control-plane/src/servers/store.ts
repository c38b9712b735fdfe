import { noteToolChange } from '../catalogue/published-tools.ts';
import type { Prisma } from '../generated/client.ts';
import type { ListPosition } from '../platform/cursor.ts';
import type { Transaction } from '../platform/database/database.ts';
import { toLikeLiteral } from '../platform/database/like-literal.ts';
import { noteTokenRemovals } from './external-servers/attached.ts';
import type { OwnIssuer } from './own-issuers/own-issuer.ts';
import { listStoredNames } from './secrets/stored-names.ts';

export type ServerState = 'stopped' | 'running' | 'errored';

export type Server = {
  id: string;
  workspaceId: string;
  slug: string;
  description: string | null;
  mode: 'SMART' | 'NORMAL';
  /** The pool of data planes: only these run the server's calls and have its secrets. Null for the default pool. */
  pool: string | null;
  isPublic: boolean;
  allowedHosts: string[];
  /** Base URLs that replace those in the OpenAPI documents of sources, by the name of the source. */
  sourceServers: Record<string, string>;
  /** Slugs of tools of other servers that the server offers while its mode is NORMAL. */
  selectedTools: string[];
  /** Whether calls in the name of a user may use shared credentials if the user has none. */
  sharesConnections: boolean;
  /** The owner's own authorization server. The server accepts its tokens instead of the platform's. */
  ownIssuer: OwnIssuer | null;
  /** Set if somebody stopped the server: it offers nothing until it is started. */
  isStopped: boolean;
  /** Set if the server is archived. An archived server is also stopped. */
  isArchived: boolean;
  state: ServerState;
  version: number;
  activeDeploymentId: string | null;
  /** The connector instance to which the server belongs. */
  connectorInstanceId: string | null;
  instanceName: string | null;
  /** Whether the connector instance belongs to all workspaces of the organization. */
  isShared: boolean;
  createdAt: string;
  updatedAt: string;
};

export type ServerChange = {
  slug?: string | undefined;
  description?: string | null | undefined;
  mode?: Server['mode'] | undefined;
  pool?: string | null | undefined;
  isPublic?: boolean | undefined;
  allowedHosts?: string[] | undefined;
  sourceServers?: Record<string, string> | undefined;
  selectedTools?: string[] | undefined;
  sharesConnections?: boolean | undefined;
  ownIssuer?: OwnIssuer | null | undefined;
} & Partial<Standing>;

export type Standing = Pick<Server, 'isStopped' | 'isArchived'>;

export type NewServer = Pick<
  Server,
  | 'id'
  | 'workspaceId'
  | 'slug'
  | 'description'
  | 'mode'
  | 'isPublic'
  | 'allowedHosts'
  | 'sourceServers'
  | 'selectedTools'
> & { pool?: string | null; connectorInstanceId?: string; sharesConnections?: boolean; ownIssuer?: OwnIssuer | null };

export type ServerList = {
  isArchived: boolean;
  q: string | undefined;
  sortBy: 'createdAt' | 'updatedAt' | 'name';
  sortOrder: 'ASC' | 'DESC';
  page: number;
  limit: number;
  after: ListPosition | undefined;
};

const withState = {
  _count: { select: { deployments: { where: { state: 'errored' } }, externalServers: true } },
  connectorInstance: { select: { isEnabled: true, workspaceId: true, instanceName: true } },
} as const satisfies Prisma.ServerInclude;
type RowWithState = Prisma.ServerGetPayload<{ include: typeof withState }>;

export async function insertServer(
  tx: Transaction,
  { sourceServers, ownIssuer = null, ...server }: NewServer,
): Promise<Server> {
  const data = { ...server, sourceServers: JSON.stringify(sourceServers), ownIssuer: toText(ownIssuer) };
  return toServer(await tx.server.create({ data, include: withState }));
}

/** Slugs never contain an underscore and ids always do, so one path parameter can be either. */
export async function findServer(tx: Transaction, idOrSlug: string): Promise<Server | undefined> {
  const where = idOrSlug.includes('_') ? { id: idOrSlug } : { slug: idOrSlug };
  const row = await tx.server.findFirst({ where, include: withState });
  return row === null ? undefined : toServer(row);
}

/** Lists the slugs of the workspace that begin with this text. */
export async function listSlugs(tx: Transaction, startsWith: string): Promise<string[]> {
  const rows = await tx.server.findMany({ where: { slug: { startsWith } }, select: { slug: true } });
  return rows.map(({ slug }) => slug);
}

/** Serializes changes, deployments and publications of one server. Undefined if the server no longer exists. */
export async function lockServer(tx: Transaction, id: string): Promise<Server | undefined> {
  await tx.$queryRaw`SELECT 1 FROM servers WHERE id = ${id} FOR UPDATE`;
  return findServer(tx, id);
}

export async function updateServer(tx: Transaction, id: string, change: ServerChange): Promise<Server> {
  const { slug, description, mode, isPublic, allowedHosts, sourceServers, selectedTools, isStopped, isArchived } =
    change;
  const row = await tx.server.update({
    where: { id },
    data: {
      ...(slug !== undefined && { slug }),
      ...(description !== undefined && { description }),
      ...(mode !== undefined && { mode }),
      ...(change.pool !== undefined && { pool: change.pool }),
      ...(isPublic !== undefined && { isPublic }),
      ...(allowedHosts !== undefined && { allowedHosts }),
      ...(sourceServers !== undefined && { sourceServers: JSON.stringify(sourceServers) }),
      ...(selectedTools !== undefined && { selectedTools }),
      ...(change.ownIssuer !== undefined && { ownIssuer: toText(change.ownIssuer) }),
      ...(change.sharesConnections !== undefined && { sharesConnections: change.sharesConnections }),
      ...(isStopped !== undefined && { isStopped }),
      ...(isArchived !== undefined && { isArchived }),
      version: { increment: 1 },
      updatedAt: new Date(),
      isPublished: false,
    },
    include: withState,
  });
  const { connectorInstanceId, pool } = row;
  if (change.pool !== undefined && connectorInstanceId !== null) {
    await tx.connectorInstance.update({ where: { id: connectorInstanceId }, data: { pool }, select: { id: true } });
  }
  return toServer(row);
}

/** Deletes a server, and records the removal for the other planes and for the servers that offer its tools. */
export async function deleteServer(tx: Transaction, { id, workspaceId, slug, pool }: Server): Promise<void> {
  await noteToolChange(tx, id);
  await noteTokenRemovals(tx, id);
  const select = { name: true, versions: { select: { version: true } } };
  const secrets = await tx.secret.findMany({ where: { serverId: id }, select });
  await tx.serverRemoval.create({
    data: { serverId: id, workspaceId, slug, pool, secretNames: secrets.flatMap(listStoredNames) },
  });
  await tx.server.delete({ where: { id } });
}

/** Lists the servers of connector instances. */
export async function listInstanceServers(tx: Transaction, instanceIds: string[]): Promise<Server[]> {
  const rows = await tx.server.findMany({ where: { connectorInstanceId: { in: instanceIds } }, include: withState });
  return rows.map(toServer);
}

/** `hasMore` says whether the list continues after these items. */
export async function listServers(
  tx: Transaction,
  list: ServerList,
): Promise<{ items: Server[]; total: number; hasMore: boolean }> {
  const direction = list.sortOrder === 'ASC' ? ('asc' as const) : ('desc' as const);
  const column = list.sortBy === 'name' ? 'slug' : list.sortBy;
  const { isArchived } = list;
  const where: Prisma.ServerWhereInput =
    list.q === undefined
      ? { isArchived }
      : {
          isArchived,
          OR: [
            { slug: { contains: toLikeLiteral(list.q), mode: 'insensitive' } },
            { description: { contains: toLikeLiteral(list.q), mode: 'insensitive' } },
          ],
        };
  const rows = await tx.server.findMany({
    where: { AND: [where, afterPosition(list.after, column, direction)] },
    orderBy: [{ [column]: direction }, { id: direction }],
    skip: list.after === undefined ? (list.page - 1) * list.limit : 0,
    take: list.limit + 1,
    include: withState,
  });
  const items = rows.slice(0, list.limit).map(toServer);
  return { items, total: await tx.server.count({ where }), hasMore: rows.length > list.limit };
}

function afterPosition(
  after: ListPosition | undefined,
  column: string,
  direction: 'asc' | 'desc',
): Prisma.ServerWhereInput {
  if (after === undefined) return {};
  const value = column === 'slug' ? after.value : new Date(after.value);
  const beyond = direction === 'asc' ? 'gt' : 'lt';
  return { OR: [{ [column]: { [beyond]: value } }, { [column]: value, id: { [beyond]: after.id } }] };
}

function toServer(row: RowWithState): Server {
  const { id, workspaceId, slug, description, mode, isPublic, allowedHosts, version, activeDeploymentId } = row;
  return {
    id,
    workspaceId,
    slug,
    description,
    mode,
    isPublic,
    allowedHosts,
    version,
    activeDeploymentId,
    selectedTools: row.selectedTools,
    isStopped: row.isStopped,
    isArchived: row.isArchived,
    sharesConnections: row.sharesConnections,
    pool: row.pool,
    ownIssuer: row.ownIssuer === null ? null : JSON.parse(row.ownIssuer),
    connectorInstanceId: row.connectorInstanceId,
    instanceName: row.connectorInstance?.instanceName ?? null,
    isShared: row.connectorInstance !== null && row.connectorInstance.workspaceId === null,
    sourceServers: JSON.parse(row.sourceServers),
    state: stateOf(row),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

function toText(ownIssuer: OwnIssuer | null): string | null {
  return ownIssuer === null ? null : JSON.stringify(ownIssuer);
}

function stateOf(row: RowWithState): ServerState {
  const { activeDeploymentId, connectorInstance, mode, selectedTools, _count } = row;
  if (row.isStopped || connectorInstance?.isEnabled === false) return 'stopped';
  // In mode SMART, a server offers what the catalogue has.
  if (mode === 'SMART' || activeDeploymentId !== null || _count.externalServers > 0) return 'running';
  if (selectedTools.length > 0) return 'running';
  return _count.deployments > 0 ? 'errored' : 'stopped';
}
