import type { ApiKeyRecord, Permission } from '@toolplane/contracts';
import type { Prisma } from '../../generated/client.ts';
import type { Transaction } from '../../platform/database/database.ts';

const withAbout = {
  workspace: { select: { organizationId: true } },
  agent: { select: { isActive: true } },
} as const satisfies Prisma.ApiKeyInclude;

export async function takeApiKey(tx: Transaction, id: string): Promise<ApiKeyRecord | undefined> {
  const taken = await tx.$executeRaw`
    UPDATE api_keys SET revision = nextval('publication_revision'), is_published = true WHERE id = ${id}`;
  if (taken === 0) return undefined;
  return toRecord(await tx.apiKey.findUniqueOrThrow({ where: { id }, include: withAbout }));
}

/** The record of a key of the tenant, as edges know it. */
export async function findApiKeyRecord(tx: Transaction, id: string): Promise<ApiKeyRecord | undefined> {
  const row = await tx.apiKey.findUnique({ where: { id }, include: withAbout });
  return row === null ? undefined : toRecord(row);
}

/** The next keys by id that are published and still valid. */
export async function listPublishedApiKeys(tx: Transaction, afterId: string, limit: number): Promise<ApiKeyRecord[]> {
  const ids = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM api_keys
    WHERE is_published AND id > ${afterId} AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
    ORDER BY id LIMIT ${limit} FOR SHARE`;
  const where = { id: { in: ids.map(({ id }) => id) } };
  return (await tx.apiKey.findMany({ where, orderBy: { id: 'asc' }, include: withAbout })).map(toRecord);
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
    // Edges do not need this permission, and older edges would reject a key that has it.
    permissions: (row.permissions as Permission[]).filter((permission) => permission !== 'debug:write'),
    ...(row.mayAssertUser ? {} : { mayAssertUser: false }),
    ...(agentId === null ? {} : { agentId }),
    ...(allowedServers.length === 0 ? {} : { servers: allowedServers }),
    ...(allowedTools.length === 0 ? {} : { tools: allowedTools }),
    ...(allowedAddresses.length === 0 ? {} : { addresses: allowedAddresses }),
  };
}
