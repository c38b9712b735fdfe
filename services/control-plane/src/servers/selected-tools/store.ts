import type { CompiledDocument, CompiledTool } from '@toolplane/compiler';
import { Prisma } from '../../generated/client.ts';
import type { Transaction } from '../../platform/database/database.ts';
import { readAttachment } from '../external-servers/attached.ts';
import { splitSlug } from './name-tools.ts';

/** A tool of the catalogue, as it is listed there. */
export type SelectableTool = {
  slug: string;
  /** The server of the tool. `hostedAs` is the name of the tool there. */
  serverId: string;
  hostedAs: string;
  description: string | null;
  /** The JSON Schema as JSON text. */
  inputSchema: string;
  /** Set if the server of the tool is in another workspace, because it belongs to an instance of the organization. */
  isLent: boolean;
  /** Set if the tool's own server can be called without a key. */
  isPublic: boolean;
  /** The connector, if the tool belongs to a connector instance. `instanceName` is the name of that instance. */
  connectorId: string | null;
  instanceName: string | null;
};

/** Runs the function once per statement. If it were joined directly, it would run once for each tool. */
function lentServers(workspaceId: string): Prisma.Sql {
  return Prisma.sql`WITH lent AS MATERIALIZED (SELECT id, instance_name, connector_id FROM lent_servers(${workspaceId}))`;
}

/** Finds the tools, among those with the given slugs, that servers of the workspace can offer. */
export function findTools(tx: Transaction, workspaceId: string, slugs: readonly string[]): Promise<SelectableTool[]> {
  const parts = slugs.map(splitSlug);
  return tx.$queryRaw<SelectableTool[]>`
    ${lentServers(workspaceId)}
    SELECT w.slug, t.server_id AS "serverId", coalesce(t.hosted_as, t.name) AS "hostedAs", t.description, t.input_schema AS "inputSchema",
      s.id IS NULL AS "isLent", coalesce(s.is_public, false) AS "isPublic",
      coalesce(i.connector_id, l.connector_id) AS "connectorId", coalesce(i.instance_name, l.instance_name) AS "instanceName"
    FROM unnest(${slugs}::text[], ${parts.map(({ toolkit }) => toolkit)}::text[], ${parts.map(({ tool }) => tool)}::text[])
      AS w(slug, toolkit, name)
    JOIN workspaces o ON o.id = ${workspaceId}
    JOIN toolkit_slugs k ON k.organization_id = o.organization_id AND k.slug = w.toolkit
    JOIN tools t ON t.server_id = k.server_id AND t.name = w.name AND t.toolkit = k.slug
    LEFT JOIN servers s ON s.id = t.server_id AND s.workspace_id = o.id
    LEFT JOIN connector_instances i ON i.id = s.connector_instance_id
    LEFT JOIN lent l ON l.id = t.server_id
    WHERE s.id IS NOT NULL OR t.workspace_id IS NULL`;
}

/** The slugs of tools that belong to instances of the organization, even while these tools are missing. */
export async function listSharedSlugs(
  tx: Transaction,
  workspaceId: string,
  slugs: readonly string[],
): Promise<string[]> {
  const toolkits = slugs.map((slug) => splitSlug(slug).toolkit);
  const rows = await tx.$queryRaw<{ slug: string }[]>`
    ${lentServers(workspaceId)}
    SELECT w.slug FROM unnest(${slugs}::text[], ${toolkits}::text[]) AS w(slug, toolkit)
    JOIN workspaces o ON o.id = ${workspaceId}
    JOIN toolkit_slugs k ON k.organization_id = o.organization_id AND k.slug = w.toolkit
    WHERE k.server_id IN (
      SELECT s.id FROM servers s JOIN connector_instances i ON i.id = s.connector_instance_id
      WHERE s.workspace_id = o.id AND i.workspace_id IS NULL
      UNION ALL SELECT l.id FROM lent l)`;
  return rows.map(({ slug }) => slug);
}

/** Lists the slugs of all tools of other servers that a server in this workspace can offer. */
export async function listSlugs(tx: Transaction, workspaceId: string, exceptServerId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ slug: string }[]>`
    SELECT t.toolkit || '.' || t.name AS slug FROM tools t JOIN workspaces w ON w.id = ${workspaceId}
    WHERE t.server_id <> ${exceptServerId}
      AND (t.workspace_id = w.id OR (t.workspace_id IS NULL AND t.organization_id = w.organization_id))`;
  return rows.map(({ slug }) => slug);
}

export async function listOwnNames(tx: Transaction, serverId: string): Promise<string[]> {
  const rows = await tx.tool.findMany({ where: { serverId }, select: { name: true, hostedAs: true } });
  return rows.map(({ name, hostedAs }) => hostedAs ?? name);
}

/** The settings with which the plans of a server are published. */
export type OriginSettings = {
  allowedHosts: string[];
  pool: string | null;
  tools: CompiledTool[];
  credentialsVersion: number;
};

/** The origin for a server that was just deleted. */
export const noOrigin: OriginSettings = { allowedHosts: [], pool: null, tools: [], credentialsVersion: 0 };

/** Reads the origin for a server of this workspace. */
export async function readOrigin(tx: Transaction, serverId: string): Promise<OriginSettings> {
  const origin = await tx.server.findUnique({
    where: { id: serverId },
    select: {
      id: true,
      workspaceId: true,
      allowedHosts: true,
      pool: true,
      activeDeployment: { select: { compiled: true } },
      connectorInstance: { select: { credentialsVersion: true } },
    },
  });
  if (origin === null) return noOrigin;
  const { allowedHosts, pool, activeDeployment, connectorInstance } = origin;
  const own = activeDeployment === null ? undefined : (JSON.parse(activeDeployment.compiled) as CompiledDocument);
  const tools = [...(own?.tools ?? []), ...((await readAttachment(tx, origin, own))?.tools ?? [])];
  return { allowedHosts, pool, tools, credentialsVersion: connectorInstance?.credentialsVersion ?? 0 };
}
