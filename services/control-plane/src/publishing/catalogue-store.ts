import type { Catalogue } from '@toolplane/contracts';
import { readLentServers } from '../catalogue/lent-servers/lent-servers.ts';
import { readOfferedToolkits } from '../catalogue/offered-toolkits.ts';
import type { Transaction } from '../platform/database/database.ts';
import { readPolicies } from '../servers/policies/stored-policies.ts';
import type { PublishableServer } from './publication.ts';
import { toIds } from './store.ts';

/** A catalogue to publish, and the servers that are lent to its workspace, which are published with it. */
export type PublishableCatalogue = { catalogue: Catalogue; lent: PublishableServer[] };

type PublishedCatalogue = { id: string; revision: number };

export async function takeCatalogue(tx: Transaction, workspaceId: string): Promise<PublishableCatalogue | undefined> {
  const [taken] = await tx.$queryRaw<PublishedCatalogue[]>`
    UPDATE workspaces SET catalogue_revision = nextval('publication_revision'), is_catalogue_published = true
    WHERE id = ${workspaceId} RETURNING id, catalogue_revision AS revision`;
  return taken === undefined ? undefined : (await toCatalogues(tx, [taken])).at(0);
}

/** The next workspaces by id, locked against publications of concurrent changes. */
export async function listPublishedCatalogues(
  tx: Transaction,
  afterId: string,
  limit: number,
): Promise<PublishableCatalogue[]> {
  const rows = await tx.$queryRaw<PublishedCatalogue[]>`
    SELECT id, catalogue_revision AS revision FROM workspaces
    WHERE is_catalogue_published AND id > ${afterId} ORDER BY id LIMIT ${limit} FOR SHARE`;
  return toCatalogues(tx, rows);
}

/**
 * Marks everything that depends on changed tools as unpublished, and deletes the records of the changes. This concerns
 * the servers that offer some of these tools, and the catalogues of the workspaces that can use them. Returns the ids
 * of both.
 */
export async function takeToolChanges(tx: Transaction): Promise<{ serverIds: string[]; workspaceIds: string[] }> {
  const changes = await tx.$queryRaw<{ workspaceIds: string[]; serverId: string }[]>`
    WITH taken AS (DELETE FROM tool_changes RETURNING workspace_id, server_id, is_shared)
    SELECT t.server_id AS "serverId", array(
      SELECT w.id FROM workspaces w JOIN workspaces home ON home.id = t.workspace_id
      WHERE w.id = home.id OR (t.is_shared AND w.organization_id = home.organization_id)) AS "workspaceIds"
    FROM taken t`;
  const workspaceIds = [...new Set(changes.flatMap((change) => change.workspaceIds))];
  if (changes.length === 0) return { serverIds: [], workspaceIds };
  // Rows are always locked in the same order, so that two concurrent runs do not deadlock.
  const servers = await tx.$queryRaw<{ id: string }[]>`
    UPDATE servers SET is_published = false WHERE id IN (
      SELECT s.id FROM servers s
      WHERE s.workspace_id = ANY(${workspaceIds}) AND s.mode = 'NORMAL' AND EXISTS (
        SELECT 1 FROM toolkit_slugs k, unnest(s.selected_tools) AS selected
        WHERE k.server_id = ANY(${changes.map(({ serverId }) => serverId)}) AND split_part(selected, '.', 1) = k.slug)
      ORDER BY s.id FOR UPDATE OF s) RETURNING id`;
  await tx.$executeRaw`
    UPDATE workspaces SET is_catalogue_published = false WHERE id IN (
      SELECT id FROM workspaces WHERE id = ANY(${workspaceIds}) ORDER BY id FOR NO KEY UPDATE)`;
  return { serverIds: toIds(servers), workspaceIds };
}

async function toCatalogues(tx: Transaction, published: PublishedCatalogue[]): Promise<PublishableCatalogue[]> {
  const offered = await readOfferedToolkits(tx, toIds(published));
  const catalogues: PublishableCatalogue[] = [];
  for (const { id: workspaceId, revision } of published) {
    const toolkits = offered.get(workspaceId) ?? [];
    const catalogue: Catalogue = { version: 1, kind: 'catalogue', workspaceId, revision, toolkits };
    catalogues.push({ catalogue, lent: await readLentTo(tx, catalogue) });
  }
  return catalogues;
}

/** Lent servers are never public: without a key, nobody can use what a workspace only borrows. */
async function readLentTo(
  tx: Transaction,
  { workspaceId, revision, toolkits }: Catalogue,
): Promise<PublishableServer[]> {
  const servers = await readLentServers(tx, workspaceId);
  const ids = servers.map(({ id }) => id);
  const policies = await readPolicies(tx, workspaceId, ids);
  return servers.map(({ credentialsVersion, ...server }) => {
    const toolkit = toolkits.find(({ serverId }) => serverId === server.id)?.toolkit;
    const policy = policies.get(server.id);
    return {
      ...server,
      workspaceId,
      revision,
      description: null,
      isPublic: false,
      isLent: true,
      toolsetVersion: credentialsVersion,
      ...(toolkit === undefined ? {} : { toolkit }),
      ...(policy === undefined ? {} : { policy }),
    };
  });
}
