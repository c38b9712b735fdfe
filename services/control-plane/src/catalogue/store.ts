import { Prisma, type ToolKind } from '../generated/client.ts';
import type { Transaction } from '../platform/database/database.ts';
import { newId } from '../platform/ids.ts';

export type NewTool = {
  name: string;
  /** The name on its server, if it differs from the name in its toolkit. */
  hostedAs: string | null;
  title: string | null;
  description: string | null;
  isReadOnly: boolean;
  isUnreviewed: boolean;
  /** `annotations` and `inputSchema` are JSON texts. */
  annotations: string;
  inputSchema: string;
};

type Owner = Pick<Prisma.ToolCreateManyInput, 'serverId' | 'organizationId' | 'toolkit' | 'kind'> & {
  workspaceId: string | null;
};

/** The number of tools of one kind in a toolkit of a server, as far as they are visible to the tenant. */
export type ToolGroup = { serverId: string; toolkit: string; kind: ToolKind; toolsCount: number };

/** A connector instance with the fields that its toolkit shows. */
export type ToolkitInstance = Prisma.ConnectorInstanceGetPayload<{ select: typeof instanceFields }>;

export type CatalogueSearch = {
  /** Slugs of the toolkits to search. */
  toolkits: string[];
  q: string | undefined;
  isReadOnly: boolean | undefined;
  withSchemas: boolean;
  page: number;
  limit: number;
};

export type CatalogueMatch = {
  toolkit: string;
  slug: string;
  name: string;
  title: string | null;
  description: string | null;
  isReadOnly: boolean;
  isUnreviewed: boolean;
  inputSchema: string | null;
};

const instanceFields = {
  id: true,
  homeWorkspaceId: true,
  authType: true,
  instanceName: true,
  connector: { select: { slug: true } },
  deployedVersion: { select: { id: true, version: true, name: true, description: true, categories: true } },
} as const satisfies Prisma.ConnectorInstanceSelect;

/** The owner of a server's tools, and whether the server lists any. */
export async function readOwner(
  tx: Transaction,
  serverId: string,
): Promise<
  Omit<Owner, 'serverId' | 'toolkit'> & { connector?: string; isRunning: boolean; serverWorkspaceId: string }
> {
  const { workspaceId, isStopped, workspace, connectorInstance } = await tx.server.findUniqueOrThrow({
    where: { id: serverId },
    select: {
      workspaceId: true,
      isStopped: true,
      workspace: { select: { organizationId: true } },
      connectorInstance: { select: { workspaceId: true, isEnabled: true, connector: { select: { slug: true } } } },
    },
  });
  const { organizationId } = workspace;
  const serverWorkspaceId = workspaceId;
  if (connectorInstance === null) {
    return { organizationId, workspaceId, kind: 'workflow', isRunning: !isStopped, serverWorkspaceId };
  }
  return {
    serverWorkspaceId,
    organizationId,
    workspaceId: connectorInstance.workspaceId,
    kind: 'connector',
    connector: connectorInstance.connector.slug,
    isRunning: connectorInstance.isEnabled,
  };
}

export async function insertTools(tx: Transaction, owner: Owner, tools: readonly NewTool[]): Promise<void> {
  const { serverId, organizationId, workspaceId, toolkit, kind } = owner;
  const column = <Key extends keyof NewTool>(key: Key) => tools.map((tool) => tool[key]);
  // The values are passed as one list per column: one value per field and row would block other work for a while.
  await tx.$executeRaw`
    INSERT INTO tools (server_id, organization_id, workspace_id, toolkit, kind,
      name, hosted_as, title, description, is_read_only, is_unreviewed, annotations, input_schema)
    SELECT ${serverId}, ${organizationId}, ${workspaceId}, ${toolkit}, ${kind}::tool_kind, t.*
    FROM unnest(${column('name')}::text[], ${column('hostedAs')}::text[], ${column('title')}::text[], ${column('description')}::text[],
      ${column('isReadOnly')}::bool[], ${column('isUnreviewed')}::bool[], ${column('annotations')}::text[], ${column('inputSchema')}::text[]) AS t`;
}

/** The toolkit that a server runs itself, if the server offers any tools of it. */
export async function findOwnToolkit(tx: Transaction, serverId: string): Promise<string | undefined> {
  const where = { serverId, kind: { not: 'external' } } as const;
  return (await tx.tool.findFirst({ where, select: { toolkit: true } }))?.toolkit;
}

export async function deleteTools(tx: Transaction, serverId: string): Promise<void> {
  await tx.tool.deleteMany({ where: { serverId } });
}

export async function insertToolChange(tx: Transaction, serverId: string): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO tool_changes (id, workspace_id, server_id, is_shared)
    SELECT ${newId('tch')}, s.workspace_id, s.id, i.id IS NOT NULL AND i.workspace_id IS NULL
    FROM servers s LEFT JOIN connector_instances i ON i.id = s.connector_instance_id WHERE s.id = ${serverId}`;
}

export async function listToolGroups(tx: Transaction): Promise<ToolGroup[]> {
  const groups = await tx.tool.groupBy({ by: ['serverId', 'toolkit', 'kind'], _count: true });
  return groups.map(({ _count, ...group }) => ({ ...group, toolsCount: _count }));
}

export function listInstances(tx: Transaction): Promise<ToolkitInstance[]> {
  return tx.connectorInstance.findMany({ where: { isEnabled: true }, select: instanceFields });
}

/** Instances that have credentials for every caller of a workspace. */
export async function listConnectedIds(tx: Transaction, workspaceId: string): Promise<Set<string>> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT i.id FROM connector_instances i
    JOIN connector_credentials c ON c.instance_id = i.id AND c.authentication_id = i.auth_type AND c.is_usable
    WHERE c.scope = 'organization' OR (c.scope = 'workspace' AND c.subject = ${workspaceId})`;
  return new Set(rows.map(({ id }) => id));
}

export function listServers(tx: Transaction, ids: string[]) {
  const select = { id: true, slug: true, description: true, connectorInstanceId: true } as const;
  return tx.server.findMany({ where: { id: { in: ids } }, select });
}

/** Maps the ids of versions to their summaries, as JSON texts. */
export async function readSummaries(tx: Transaction, versionIds: string[]): Promise<Map<string, string>> {
  const where = { id: { in: versionIds } };
  const rows = await tx.connectorVersion.findMany({ where, select: { id: true, summary: true } });
  return new Map(rows.map(({ id, summary }) => [id, summary]));
}

/**
 * A toolkit of a running server of the workspace, or of a server that is lent to it. Fields that can be null exist only
 * for connectors.
 */
export type OfferedToolkit = {
  workspaceId: string;
  serverId: string;
  serverSlug: string;
  toolkit: string;
  isExternal: boolean;
  instanceName: string | null;
  /** The name of the connector in the running version. */
  name: string | null;
  categories: string[] | null;
  tags: string[] | null;
};

/** Sorted by slug. */
export function listOfferedToolkits(tx: Transaction, workspaceIds: string[]): Promise<OfferedToolkit[]> {
  return tx.$queryRaw<OfferedToolkit[]>`
    SELECT w.id AS "workspaceId", s.id AS "serverId", s.slug AS "serverSlug", k.toolkit,
      i.instance_name AS "instanceName", v.name, v.categories, v.tags, k.kind = 'external' AS "isExternal"
    FROM workspaces w
    CROSS JOIN LATERAL (
      SELECT id FROM servers WHERE workspace_id = w.id UNION ALL SELECT l.id FROM lent_servers(w.id) l) here
    JOIN servers s ON s.id = here.id
    CROSS JOIN LATERAL (SELECT DISTINCT toolkit, kind FROM tools WHERE server_id = s.id) k
    LEFT JOIN connector_instances i ON i.id = s.connector_instance_id
    LEFT JOIN connector_versions v ON v.id = i.deployed_version_id
    WHERE w.id = ANY(${workspaceIds}) ORDER BY k.toolkit COLLATE "C"`;
}

/** Sorted by slug. */
export async function searchTools(
  tx: Transaction,
  search: CatalogueSearch,
): Promise<{ items: CatalogueMatch[]; total: number }> {
  const { page, limit, withSchemas } = search;
  const from = toSource(search);
  const slug = Prisma.sql`t.toolkit || '.' || t.name`;
  const items = await tx.$queryRaw<CatalogueMatch[]>`
    SELECT t.toolkit, ${slug} AS slug, t.name, t.title, t.description,
      t.is_read_only AS "isReadOnly", t.is_unreviewed AS "isUnreviewed", CASE WHEN ${withSchemas} THEN t.input_schema END AS "inputSchema"
    ${from} ORDER BY (${slug}) COLLATE "C" LIMIT ${limit} OFFSET ${(page - 1) * limit}`;
  const [counted] = await tx.$queryRaw<{ total: number }[]>`SELECT count(*)::int AS total ${from}`;
  return { items, total: counted?.total ?? 0 };
}

function toSource({ toolkits, q, isReadOnly }: CatalogueSearch): Prisma.Sql {
  const isFound = (text: Prisma.Sql) => Prisma.sql`strpos(lower(${text}), ${q?.toLowerCase()}) > 0`;
  const texts = [Prisma.sql`t.toolkit || '.' || t.name`, Prisma.sql`t.title`, Prisma.sql`t.description`];
  return Prisma.sql`
    FROM tools t WHERE t.toolkit = ANY(${toolkits}) AND ${isReadOnly === undefined ? Prisma.sql`true` : Prisma.sql`t.is_read_only = ${isReadOnly}`}
      AND ${q === undefined ? Prisma.sql`true` : Prisma.sql`(${Prisma.join(texts.map(isFound), ' OR ')})`}`;
}
