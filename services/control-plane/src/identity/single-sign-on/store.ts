import type { Role } from '@toolplane/contracts';
import type { PageRequest } from '@toolplane/service-kit/http';
import type { SsoConnection as Row, SsoSignIn } from '../../generated/client.ts';
import type { Transaction } from '../../platform/database/database.ts';

/** An issuer with which people of an organization sign in. */
export type SsoConnection = {
  id: string;
  organizationId: string;
  workspaceId: string;
  issuer: string;
  clientId: string;
  /** Number of client secrets that the data plane has received. 0 if the client has no secret. */
  secretVersion: number;
  domains: string[];
  defaultRole: Role;
  isEnforced: boolean;
  createdAt: string;
};
export type NewConnection = Omit<SsoConnection, 'createdAt'>;
export type StoredSsoConnectionChange = Partial<
  Pick<SsoConnection, 'clientId' | 'secretVersion' | 'domains' | 'defaultRole' | 'isEnforced'>
>;

const include = { domains: { orderBy: { domain: 'asc' } } } as const;

/** Throws a duplicate if another connection has one of the domains. */
export async function insertConnection(tx: Transaction, { domains, ...row }: NewConnection): Promise<SsoConnection> {
  const { organizationId } = row;
  const created = domains.map((domain) => ({ domain, organizationId }));
  return toConnection(await tx.ssoConnection.create({ data: { ...row, domains: { create: created } }, include }));
}

export async function findConnection(tx: Transaction, id: string): Promise<SsoConnection | undefined> {
  const row = await tx.ssoConnection.findUnique({ where: { id }, include });
  return row === null ? undefined : toConnection(row);
}

/** The connection for the domain of this address. */
export async function findConnectionFor(tx: Transaction, email: string): Promise<SsoConnection | undefined> {
  const found = await tx.ssoDomain.findUnique({ where: { domain: domainOf(email) } });
  return found === null ? undefined : findConnection(tx, found.connectionId);
}

/** Lists connections, oldest first. */
export async function listConnections(
  tx: Transaction,
  { page, limit }: PageRequest,
): Promise<{ items: SsoConnection[]; total: number }> {
  const orderBy = [{ createdAt: 'asc' }, { id: 'asc' }] as const;
  const rows = await tx.ssoConnection.findMany({
    include,
    orderBy: [...orderBy],
    skip: (page - 1) * limit,
    take: limit,
  });
  return { items: rows.map(toConnection), total: await tx.ssoConnection.count() };
}

export async function updateConnection(
  tx: Transaction,
  { id, organizationId }: SsoConnection,
  { domains, ...change }: StoredSsoConnectionChange,
): Promise<void> {
  await tx.ssoConnection.updateMany({ where: { id }, data: change });
  if (domains === undefined) return;
  await tx.ssoDomain.deleteMany({ where: { connectionId: id } });
  await tx.ssoDomain.createMany({ data: domains.map((domain) => ({ domain, organizationId, connectionId: id })) });
}

export async function deleteConnection(tx: Transaction, id: string): Promise<void> {
  await tx.ssoConnection.deleteMany({ where: { id } });
}

export async function insertSignIn(tx: Transaction, signIn: SsoSignIn): Promise<void> {
  await tx.ssoSignIn.create({ data: signIn });
}

/** Takes a sign-in of the browser that started it, in time. Of two concurrent requests, only one receives it. */
export async function takeSignIn(
  tx: Transaction,
  where: { stateHash: string; browserHash: string },
): Promise<SsoSignIn | undefined> {
  const found = await tx.ssoSignIn.findFirst({ where: { ...where, expiresAt: { gt: new Date() } } });
  return (await tx.ssoSignIn.deleteMany({ where })).count === 1 ? (found ?? undefined) : undefined;
}

export async function deleteExpiredSignIns(tx: Transaction): Promise<void> {
  await tx.ssoSignIn.deleteMany({ where: { expiresAt: { lt: new Date() } } });
}

export async function findIdentity(
  tx: Transaction,
  identity: { connectionId: string; subject: string },
): Promise<string | undefined> {
  const found = await tx.ssoIdentity.findUnique({ where: { connectionId_subject: identity } });
  return found?.personId;
}

/** Throws a duplicate if the person has another identity at this issuer. */
export async function insertIdentity(
  tx: Transaction,
  identity: { connectionId: string; subject: string; personId: string },
): Promise<void> {
  await tx.ssoIdentity.create({ data: identity });
}

/** The organizations whose issuers have named a person. */
export async function listIssuersOf(tx: Transaction, personId: string): Promise<string[]> {
  const rows = await tx.ssoConnection.findMany({ where: { identities: { some: { personId } } } });
  return rows.map(({ organizationId }) => organizationId);
}

/** The memberships of a person, in a whole organization or in one of its workspaces. */
export async function listOrganizationsOf(
  tx: Transaction,
  personId: string,
): Promise<{ organizationId: string; isOwner: boolean }[]> {
  const rows = await tx.membership.findMany({ where: { personId } });
  return rows.map(({ organizationId, workspaceId, role }) => ({
    organizationId,
    isOwner: role === 'owner' && workspaceId === null,
  }));
}

export function domainOf(email: string): string {
  return email.slice(email.lastIndexOf('@') + 1).toLowerCase();
}

function toConnection({ domains, createdAt, ...row }: Row & { domains: { domain: string }[] }): SsoConnection {
  return { ...row, domains: domains.map(({ domain }) => domain), createdAt: createdAt.toISOString() };
}
