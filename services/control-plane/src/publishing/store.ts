import type { CompiledDocument } from '@toolplane/compiler';
import type { ApiKeyRecord, Catalogue, EgressRules, Permission, Policy } from '@toolplane/contracts';
import { readOfferedToolkits } from '../catalogue/offered-toolkits.ts';
import { findOwnToolkit } from '../catalogue/published-tools.ts';
import type { Transaction } from '../database/database.ts';
import { readDebugGrant } from '../debug-sessions/published-debug.ts';
import { readEgressHosts } from '../egress-rules/egress-hosts.ts';
import { readAttachment } from '../external-servers/attached.ts';
import type { Prisma, Workspace } from '../generated/client.ts';
import { listLentIds, readLentServers } from '../lent-servers/lent-servers.ts';
import type { OwnIssuer } from '../own-issuers/own-issuer.ts';
import { readPolicies } from '../policies/stored-policies.ts';
import { readSelectedTools } from '../selected-tools/selected-tools.ts';
import type { PublishableServer } from './publication.ts';

/** A deployment takes seconds, so an older one that has not ended was interrupted. */
const DEPLOYING_MS_MAX = 60_000;

/** Ids; those of workspaces for egress rules or the catalogue. */
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

/** For documents without a table row. */
export async function nextRevision(tx: Transaction): Promise<number> {
  const [row] = await tx.$queryRaw<{ revision: number }[]>`SELECT nextval('publication_revision')::int AS revision`;
  return row?.revision ?? 0;
}

/**
 * Takes a new revision for a publication that follows in the same transaction. The row stays locked until its end, so
 * that publications of one server are in the order of their revisions. Undefined if it is gone.
 */
export async function takeServer(tx: Transaction, id: string): Promise<PublishableServer | undefined> {
  const taken = await tx.$executeRaw`
    UPDATE servers SET revision = nextval('publication_revision'), is_published = true WHERE id = ${id}`;
  if (taken === 0) return undefined;
  return toPublishable(tx, await tx.server.findUniqueOrThrow({ where: { id }, include: withCompiled }));
}

/**
 * Marks what depends on changed tools, and deletes the records of the changes: the servers that offer some of them, and
 * the catalogues of the workspaces that can use them. Returns the ids of both.
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
  // Always in the same order, so that two concurrent runs do not deadlock.
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

export async function takeApiKey(tx: Transaction, id: string): Promise<ApiKeyRecord | undefined> {
  const taken = await tx.$executeRaw`
    UPDATE api_keys SET revision = nextval('publication_revision'), is_published = true WHERE id = ${id}`;
  if (taken === 0) return undefined;
  return toRecord(await tx.apiKey.findUniqueOrThrow({ where: { id }, include: withAbout }));
}

/** What edges know about a key of the tenant. */
export async function findApiKeyRecord(tx: Transaction, id: string): Promise<ApiKeyRecord | undefined> {
  const row = await tx.apiKey.findUnique({ where: { id }, include: withAbout });
  return row === null ? undefined : toRecord(row);
}

export async function takeEgressRules(tx: Transaction, workspaceId: string): Promise<EgressRules | undefined> {
  const taken = await tx.$executeRaw`
    UPDATE workspaces SET egress_revision = nextval('publication_revision'), is_egress_published = true
    WHERE id = ${workspaceId}`;
  return taken === 0 ? undefined : toEgressRules(await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId } }));
}

/** A catalogue to publish, and what is published with it: servers as they are lent to its workspace. */
export type PublishableCatalogue = { catalogue: Catalogue; lent: PublishableServer[] };

export async function takeCatalogue(tx: Transaction, workspaceId: string): Promise<PublishableCatalogue | undefined> {
  const [taken] = await tx.$queryRaw<PublishedCatalogue[]>`
    UPDATE workspaces SET catalogue_revision = nextval('publication_revision'), is_catalogue_published = true
    WHERE id = ${workspaceId} RETURNING id, catalogue_revision AS revision`;
  return taken === undefined ? undefined : (await toCatalogues(tx, [taken])).at(0);
}

export async function takeRemoval(tx: Transaction, serverId: string) {
  const taken = await tx.$executeRaw`
    UPDATE server_removals SET revision = nextval('publication_revision'), is_published = true
    WHERE server_id = ${serverId}`;
  return taken === 0 ? undefined : tx.serverRemoval.findUniqueOrThrow({ where: { serverId } });
}

export async function listServerIds(tx: Transaction, afterId: string, limit: number): Promise<string[]> {
  const where = { id: { gt: afterId } };
  return toIds(await tx.server.findMany({ where, select: { id: true }, orderBy: { id: 'asc' }, take: limit }));
}

export async function listWorkspaceIds(tx: Transaction, afterId: string, limit: number): Promise<string[]> {
  const where = { id: { gt: afterId } };
  return toIds(await tx.workspace.findMany({ where, select: { id: true }, orderBy: { id: 'asc' }, take: limit }));
}

/** The next servers by id that were published before, locked against changes. */
export async function listPublishedServers(tx: Transaction, afterId: string, limit: number) {
  const ids = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM servers WHERE is_published AND id > ${afterId} ORDER BY id LIMIT ${limit} FOR SHARE`;
  const where = { id: { in: ids.map(({ id }) => id) } };
  const rows = await tx.server.findMany({ where, orderBy: { id: 'asc' }, include: withCompiled });
  const servers: PublishableServer[] = [];
  for (const row of rows) servers.push(await toPublishable(tx, row));
  return servers;
}

/** The next workspaces by id, their rules locked against changes. */
export async function listPublishedEgressRules(
  tx: Transaction,
  afterId: string,
  limit: number,
): Promise<EgressRules[]> {
  const ids = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM workspaces WHERE is_egress_published AND id > ${afterId} ORDER BY id LIMIT ${limit} FOR SHARE`;
  const where = { id: { in: ids.map(({ id }) => id) } };
  return (await tx.workspace.findMany({ where, orderBy: { id: 'asc' } })).map(toEgressRules);
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

/** The next keys by id that are still valid. */
export async function listPublishedApiKeys(tx: Transaction, afterId: string, limit: number): Promise<ApiKeyRecord[]> {
  const ids = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM api_keys
    WHERE is_published AND id > ${afterId} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
    ORDER BY id LIMIT ${limit} FOR SHARE`;
  const where = { id: { in: ids.map(({ id }) => id) } };
  return (await tx.apiKey.findMany({ where, orderBy: { id: 'asc' }, include: withAbout })).map(toRecord);
}

export async function reopenServer(tx: Transaction, id: string): Promise<void> {
  await tx.server.updateMany({ where: { id }, data: { isPublished: false } });
}

export async function isOpen(tx: Transaction, id: string): Promise<boolean> {
  return (await tx.server.count({ where: { id, isPublished: false } })) > 0;
}

/** Ends deployments whose process is gone. */
export async function endInterruptedDeployments(tx: Transaction): Promise<void> {
  const message = 'The process that deployed it ended before the deployment was complete; deploy it again';
  const createdBefore = new Date(Date.now() - DEPLOYING_MS_MAX);
  await tx.deployment.updateMany({
    where: { state: 'deploying', createdAt: { lt: createdBefore } },
    data: { state: 'errored', error: JSON.stringify({ code: 'internal', message }) },
  });
}

const withCompiled = {
  activeDeployment: { select: { compiled: true } },
  connectorInstance: { select: { isEnabled: true, credentialsVersion: true, instanceName: true } },
} as const satisfies Prisma.ServerInclude;
const withAbout = {
  workspace: { select: { organizationId: true } },
  agent: { select: { isActive: true } },
} as const satisfies Prisma.ApiKeyInclude;

async function toPublishable(
  tx: Transaction,
  row: Prisma.ServerGetPayload<{ include: typeof withCompiled }>,
): Promise<PublishableServer> {
  const { id, workspaceId, slug, description, isPublic, sharesConnections, allowedHosts, revision } = row;
  const { activeDeployment, pool } = row;
  const instance = row.connectorInstance;
  const isOn = instance?.isEnabled !== false && !row.isStopped;
  const compiled =
    isOn && activeDeployment !== null ? (JSON.parse(activeDeployment.compiled) as CompiledDocument) : undefined;
  const selected = isOn ? await readSelectedTools(tx, row) : undefined;
  const external = isOn ? await readAttachment(tx, row, compiled) : undefined;
  const { policy, originPolicies } = isOn ? await readPoliciesOf(tx, row, selected?.tools) : {};
  const debug = isOn ? await readDebugGrant(tx, row, () => listOrigins(tx, row, selected?.tools)) : undefined;
  const toolkit = compiled === undefined ? undefined : await findOwnToolkit(tx, id);
  const toolsetVersion = instance?.credentialsVersion ?? selected?.credentialsVersion;
  return {
    id,
    workspaceId,
    slug,
    description,
    isPublic,
    sharesConnections,
    allowedHosts,
    revision,
    compiled,
    pool,
    ...(instance !== null && { instanceName: instance.instanceName }),
    ...(isOn && row.mode === 'SMART' && { mode: 'smart' }),
    ...(selected === undefined ? {} : { selected: selected.tools }),
    ...(external === undefined ? {} : { external }),
    ...(toolkit === undefined ? {} : { toolkit }),
    ...(toolsetVersion === undefined ? {} : { toolsetVersion }),
    ...(policy === undefined ? {} : { policy }),
    ...(originPolicies === undefined ? {} : { originPolicies }),
    ...(debug === undefined ? {} : { debug }),
    ...(row.ownIssuer === null ? {} : { ownIssuer: JSON.parse(row.ownIssuer) as OwnIssuer }),
  };
}

/** The servers whose tools can be called through it: in mode SMART, those of the whole workspace and lent ones. */
async function listOrigins(
  tx: Transaction,
  { id, workspaceId, mode }: { id: string; workspaceId: string; mode: string },
  selected: readonly { serverId: string }[] = [],
): Promise<string[]> {
  const ids = new Set(selected.map(({ serverId }) => serverId));
  if (mode === 'SMART') {
    for (const other of toIds(await tx.server.findMany({ where: { workspaceId }, select: { id: true } })))
      ids.add(other);
    for (const lent of await listLentIds(tx, workspaceId)) ids.add(lent);
  }
  ids.delete(id);
  return [...ids].sort();
}

/** Its own policy, and those of the servers whose tools it offers. */
async function readPoliciesOf(
  tx: Transaction,
  { id, workspaceId }: { id: string; workspaceId: string },
  selected: readonly { serverId: string }[] = [],
): Promise<{ policy?: Policy; originPolicies?: Record<string, Policy> }> {
  const origins = [...new Set(selected.map(({ serverId }) => serverId))].sort();
  const policies = await readPolicies(tx, workspaceId, [id, ...origins]);
  const policy = policies.get(id);
  const ofOrigins = origins.flatMap((origin) => {
    const found = policies.get(origin);
    return found === undefined ? [] : [[origin, found] as const];
  });
  return {
    ...(policy === undefined ? {} : { policy }),
    ...(ofOrigins.length === 0 ? {} : { originPolicies: Object.fromEntries(ofOrigins) }),
  };
}

type PublishedCatalogue = { id: string; revision: number };

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

/** Nobody without a key uses what a workspace only borrows. */
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

function toEgressRules({ id, egressRevision, egressHosts }: Workspace): EgressRules {
  const { allowHosts, denyHosts } = readEgressHosts(egressHosts);
  return {
    version: 1,
    kind: 'egress',
    workspaceId: id,
    revision: egressRevision,
    denyHosts,
    ...(allowHosts === null ? {} : { allowHosts }),
  };
}

/** A key of an inactive agent counts as revoked until the agent is active again. */
function toRecord(row: Prisma.ApiKeyGetPayload<{ include: typeof withAbout }>): ApiKeyRecord {
  const { agentId, allowedServers, allowedTools, allowedAddresses } = row;
  const isGood = row.revokedAt === null && row.agent?.isActive !== false;
  return {
    version: 1,
    kind: 'api-key',
    keyId: row.id,
    organizationId: row.workspace.organizationId,
    workspaceId: row.workspaceId,
    revision: row.revision,
    hash: row.hash,
    state: isGood ? 'active' : 'revoked',
    ...(row.expiresAt === null ? {} : { expiresAt: row.expiresAt.getTime() }),
    // Edges do not need it, and older ones would reject a key that has it.
    permissions: (row.permissions as Permission[]).filter((permission) => permission !== 'debug:write'),
    ...(row.mayAssertUser ? {} : { mayAssertUser: false }),
    ...(agentId === null ? {} : { agentId }),
    ...(allowedServers.length === 0 ? {} : { servers: allowedServers }),
    ...(allowedTools.length === 0 ? {} : { tools: allowedTools }),
    ...(allowedAddresses.length === 0 ? {} : { addresses: allowedAddresses }),
  };
}

function toIds(rows: { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}
