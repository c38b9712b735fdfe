import type { CompiledDocument } from '@toolplane/compiler';
import type { Transaction } from '../database/database.ts';
import { readAttachment } from '../external-servers/attached.ts';
import { splitSlug } from './name-tools.ts';

/** A tool of the catalogue, as it is listed there. */
export type CatalogueTool = {
  slug: string;
  /** The server of the tool, and its name there. */
  serverId: string;
  hostedAs: string;
  description: string | null;
  /** JSON text. */
  inputSchema: string;
  /** Its server is in this workspace, and not only visible from it. */
  isHere: boolean;
  /** Its own server can be called without a key. */
  isPublic: boolean;
};

/** The existing tools among the slugs. */
export function findTools(tx: Transaction, workspaceId: string, slugs: readonly string[]): Promise<CatalogueTool[]> {
  const parts = slugs.map(splitSlug);
  return tx.$queryRaw<CatalogueTool[]>`
    SELECT w.slug, t.server_id AS "serverId", coalesce(t.hosted_as, t.name) AS "hostedAs", t.description, t.input_schema AS "inputSchema",
      s.id IS NOT NULL AS "isHere", coalesce(s.is_public, false) AS "isPublic"
    FROM unnest(${slugs}::text[], ${parts.map(({ toolkit }) => toolkit)}::text[], ${parts.map(({ tool }) => tool)}::text[])
      AS w(slug, toolkit, name)
    JOIN workspaces o ON o.id = ${workspaceId}
    JOIN toolkit_slugs k ON k.organization_id = o.organization_id AND k.slug = w.toolkit
    JOIN tools t ON t.server_id = k.server_id AND t.name = w.name AND t.toolkit = k.slug
    LEFT JOIN servers s ON s.id = t.server_id AND s.workspace_id = o.id`;
}

/** The slugs that belong to organization instances, even while they are missing. */
export async function listSharedSlugs(tx: Transaction, slugs: readonly string[]): Promise<string[]> {
  const toolkits = slugs.map((slug) => splitSlug(slug).toolkit);
  const rows = await tx.$queryRaw<{ slug: string }[]>`
    SELECT w.slug FROM unnest(${slugs}::text[], ${toolkits}::text[]) AS w(slug, toolkit)
    JOIN toolkit_slugs k ON k.slug = w.toolkit
    JOIN servers s ON s.id = k.server_id
    JOIN connector_instances i ON i.id = s.connector_instance_id AND i.workspace_id IS NULL`;
  return rows.map(({ slug }) => slug);
}

/** Of all tools of other servers in this workspace. */
export async function listSlugs(tx: Transaction, workspaceId: string, exceptServerId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ slug: string }[]>`
    SELECT t.toolkit || '.' || t.name AS slug FROM tools t JOIN servers s ON s.id = t.server_id
    WHERE s.workspace_id = ${workspaceId} AND s.id <> ${exceptServerId}`;
  return rows.map(({ slug }) => slug);
}

export async function listOwnNames(tx: Transaction, serverId: string): Promise<string[]> {
  const rows = await tx.tool.findMany({ where: { serverId }, select: { name: true, hostedAs: true } });
  return rows.map(({ name, hostedAs }) => hostedAs ?? name);
}

/** The settings with which the plans of a server are published; nothing if it was just deleted. */
export async function readOrigin(tx: Transaction, serverId: string) {
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
  if (origin === null) return { allowedHosts: [], pool: null, tools: [], credentialsVersion: 0 };
  const { allowedHosts, pool, activeDeployment, connectorInstance } = origin;
  const own = activeDeployment === null ? undefined : (JSON.parse(activeDeployment.compiled) as CompiledDocument);
  const tools = [...(own?.tools ?? []), ...((await readAttachment(tx, origin, own))?.tools ?? [])];
  return { allowedHosts, pool, tools, credentialsVersion: connectorInstance?.credentialsVersion ?? 0 };
}
