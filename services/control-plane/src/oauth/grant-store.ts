import type { PageRequest } from '@toolplane/service-kit/http';
import type { OauthGrant } from '../generated/client.ts';
import type { Transaction } from '../platform/database/database.ts';
import { newId } from '../platform/ids.ts';
import { deleteOfGrant } from './store.ts';

export type NewGrant = Pick<OauthGrant, 'grantId' | 'personId' | 'clientId' | 'serverId' | 'payload' | 'scopes'> & {
  expiresAt: Date;
};

/** A grant with the details of its server and workspace that lists show. */
export type ListedGrant = OauthGrant & { server: { slug: string }; workspace: { name: string } };

/** Saves the only grant of a person for a client and a server. The grant belongs to the workspace of the server. */
export async function putGrant(tx: Transaction, grant: NewGrant): Promise<void> {
  const { grantId, personId, clientId, serverId, payload, scopes, expiresAt } = grant;
  await tx.$executeRaw`
    INSERT INTO oauth_grants (id, grant_id, person_id, client_id, workspace_id, server_id, scopes, payload, expires_at)
    SELECT ${newId('grt')}, ${grantId}, ${personId}, ${clientId}, workspace_id, id, ${scopes}, ${payload}, ${expiresAt}
    FROM servers WHERE id = ${serverId}
    ON CONFLICT (person_id, client_id, server_id)
    DO UPDATE SET grant_id = excluded.grant_id, scopes = excluded.scopes, payload = excluded.payload,
      expires_at = excluded.expires_at`;
}

export async function nameGrant(tx: Transaction, grantId: string, clientName: string | null): Promise<void> {
  await tx.oauthGrant.updateMany({ where: { grantId }, data: { clientName } });
}

export async function noteUse(tx: Transaction, grantId: string): Promise<void> {
  await tx.oauthGrant.updateMany({ where: { grantId }, data: { lastUsedAt: new Date() } });
}

export async function findByGrantId(tx: Transaction, grantId: string): Promise<OauthGrant | undefined> {
  return (await tx.oauthGrant.findUnique({ where: { grantId } })) ?? undefined;
}

/** Finds an earlier grant of the person, unless it has expired. */
export async function findGrant(
  tx: Transaction,
  { personId, clientId, serverId }: Pick<OauthGrant, 'personId' | 'clientId' | 'serverId'>,
): Promise<OauthGrant | undefined> {
  const where = { personId, clientId, serverId, expiresAt: { gt: new Date() } };
  return (await tx.oauthGrant.findFirst({ where })) ?? undefined;
}

/** Returns a workspace for which the client has a grant. */
export async function findWorkspaceOf(tx: Transaction, clientId: string): Promise<string | undefined> {
  const where = { clientId, expiresAt: { gt: new Date() } };
  return (await tx.oauthGrant.findFirst({ where, select: { workspaceId: true } }))?.workspaceId;
}

/** Returns the newest grants first. */
export async function listGrants(
  tx: Transaction,
  personId: string,
  { page, limit }: PageRequest,
): Promise<{ items: ListedGrant[]; total: number }> {
  const where = { personId, expiresAt: { gt: new Date() } };
  const items = await tx.oauthGrant.findMany({
    where,
    include: { server: { select: { slug: true } }, workspace: { select: { name: true } } },
    orderBy: [{ createdAt: 'desc' }, { id: 'asc' }],
    skip: (page - 1) * limit,
    take: limit,
  });
  return { items, total: await tx.oauthGrant.count({ where }) };
}

/** The workspaces in which the person has granted access to clients. */
export async function listWorkspacesOf(tx: Transaction, personId: string): Promise<string[]> {
  const where = { personId, expiresAt: { gt: new Date() } };
  const rows = await tx.oauthGrant.findMany({ where, select: { workspaceId: true }, distinct: ['workspaceId'] });
  return rows.map(({ workspaceId }) => workspaceId);
}

/** Deletes grants and all codes and refresh tokens that were issued for them. Returns the number of grants. */
export async function deleteGrants(
  tx: Transaction,
  where: { grantId: string } | { personId: string; id: string } | { personId: string; workspaceId: string },
): Promise<number> {
  const found = await tx.oauthGrant.findMany({ where, select: { grantId: true } });
  for (const { grantId } of found) await deleteOfGrant(tx, grantId);
  return (await tx.oauthGrant.deleteMany({ where })).count;
}
