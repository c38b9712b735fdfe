import type { CompiledDocument } from '@toolplane/compiler';
import type { Policy } from '@toolplane/contracts';
import { listLentIds } from '../catalogue/lent-servers/lent-servers.ts';
import { findOwnToolkit } from '../catalogue/published-tools.ts';
import type { Prisma } from '../generated/client.ts';
import { readDebugGrant } from '../operations/debug-sessions/published-debug.ts';
import type { Transaction } from '../platform/database/database.ts';
import { readAttachment } from '../servers/external-servers/attached.ts';
import type { OwnIssuer } from '../servers/own-issuers/own-issuer.ts';
import { readPolicies } from '../servers/policies/stored-policies.ts';
import { readSelectedTools } from '../servers/selected-tools/selected-tools.ts';
import type { PublishableServer } from './publication.ts';
import { toIds } from './store.ts';

const withCompiled = {
  workspace: { select: { organizationId: true } },
  activeDeployment: { select: { compiled: true } },
  connectorInstance: { select: { isEnabled: true, credentialsVersion: true, instanceName: true } },
} as const satisfies Prisma.ServerInclude;

/**
 * Takes a new revision for a publication that follows in the same transaction. The row stays locked until the end of
 * the transaction, so that publications of one server are in the order of their revisions. Undefined if the server no
 * longer exists. `document` is the document that it runs; if it is absent, it is read.
 */
export async function takeServer(
  tx: Transaction,
  id: string,
  document?: CompiledDocument,
): Promise<PublishableServer | undefined> {
  const taken = await tx.$executeRaw`
    UPDATE servers SET revision = nextval('publication_revision'), is_published = true WHERE id = ${id}`;
  if (taken === 0) return undefined;
  return toPublishable(tx, await tx.server.findUniqueOrThrow({ where: { id }, include: withCompiled }), document);
}

export async function takeRemoval(tx: Transaction, serverId: string) {
  const taken = await tx.$executeRaw`
    UPDATE server_removals SET revision = nextval('publication_revision'), is_published = true
    WHERE server_id = ${serverId}`;
  return taken === 0 ? undefined : tx.serverRemoval.findUniqueOrThrow({ where: { serverId } });
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

export async function markServerUnpublished(tx: Transaction, id: string): Promise<void> {
  await tx.server.updateMany({ where: { id }, data: { isPublished: false } });
}

export async function isServerUnpublished(tx: Transaction, id: string): Promise<boolean> {
  return (await tx.server.count({ where: { id, isPublished: false } })) > 0;
}

async function toPublishable(
  tx: Transaction,
  row: Prisma.ServerGetPayload<{ include: typeof withCompiled }>,
  document?: CompiledDocument,
): Promise<PublishableServer> {
  const { id, workspaceId, slug, description, isPublic, sharesConnections, allowedHosts, revision } = row;
  const { activeDeployment, pool } = row;
  const instance = row.connectorInstance;
  const isOn = instance?.isEnabled !== false && !row.isStopped;
  const compiled =
    isOn && activeDeployment !== null
      ? (document ?? (JSON.parse(activeDeployment.compiled) as CompiledDocument))
      : undefined;
  const selected = isOn ? await readSelectedTools(tx, row) : undefined;
  const external = isOn ? await readAttachment(tx, row, compiled) : undefined;
  const { policy, originPolicies } = isOn ? await readPoliciesOf(tx, row, selected?.tools) : {};
  const debug = isOn ? await readDebugGrant(tx, row, () => listOrigins(tx, row, selected?.tools)) : undefined;
  const toolkit = compiled === undefined ? undefined : await findOwnToolkit(tx, id);
  const toolsetVersion = instance?.credentialsVersion ?? selected?.credentialsVersion;
  return {
    id,
    organizationId: row.workspace.organizationId,
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

/**
 * The other servers whose tools can be called through a server: those whose tools it selects and, in mode SMART, all
 * servers of the workspace and lent ones.
 */
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

/** The policy of a server, and the policies of the servers whose tools it offers. */
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
