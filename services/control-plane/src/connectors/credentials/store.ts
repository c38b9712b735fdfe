import {
  type CredentialRef,
  type CredentialScope,
  readUserSubject,
  type StoredCredential,
  toUserSubject,
} from '@toolplane/contracts';
import type { Prisma, ConnectorCredential as Row } from '../../generated/client.ts';
import type { Tenant, Transaction } from '../../platform/database/database.ts';
import { toLikeLiteral } from '../../platform/database/like-literal.ts';
import type { Instance } from '../instances/connector-instances.ts';

export type ListedCredential = {
  scope: CredentialScope;
  /** Null for the scope `organization`. */
  subject: string | null;
  authType: string;
  version: number;
  hosts: string[];
  fields: string[];
  isUsable: boolean;
  createdAt: string;
  updatedAt: string;
  /** When these credentials last replaced others that worked, and who requested it. Null if they never did. */
  replacedAt: string | null;
  replacedBy: string | null;
};

/** The owner of an instance, with the field names of its row. */
export type CredentialOwner = { organizationId: string; workspaceId: string | null };

export type PendingAuthorization = {
  stateHash: string;
  instanceId: string;
  scope: CredentialScope;
  /** Empty for the scope `organization`. */
  subject: string;
  session: string;
  /** The hash of the connect link with which the sign-in was started. */
  linkHash: string | null;
  /** The hash of the cookie of the browser that started the sign-in; null if any browser may complete it. */
  browserHash: string | null;
  /** The id of the requester of the credentials, who may replace those that work. */
  replacesFor: string | null;
  expiresAt: Date;
};

export async function saveCredential(
  tx: Transaction,
  ref: CredentialRef,
  { organizationId, workspaceId }: CredentialOwner,
  { replacedBy, ...credential }: StoredCredential & { authenticationId: string; replacedBy: string | undefined },
): Promise<ListedCredential> {
  const key = toKey(ref);
  const now = new Date();
  const replaced = replacedBy === undefined ? {} : { replacedBy, replacedAt: now };
  const row = await tx.connectorCredential.upsert({
    where: { instanceId_scope_subject: key },
    create: { ...key, organizationId, workspaceId, ...credential },
    update: { ...credential, ...replaced, updatedAt: now },
  });
  return toCredential(row);
}

export async function findCredential(tx: Transaction, ref: CredentialRef): Promise<ListedCredential | undefined> {
  const row = await tx.connectorCredential.findUnique({ where: { instanceId_scope_subject: toKey(ref) } });
  return row === null ? undefined : toCredential(row);
}

export async function deleteCredential(tx: Transaction, ref: CredentialRef): Promise<void> {
  await tx.connectorCredential.deleteMany({ where: toKey(ref) });
}

/** Leaves out credentials of other workspaces and of their users. */
export async function listCredentials(
  tx: Transaction,
  { id: instanceId, homeWorkspaceId }: Pick<Instance, 'id' | 'homeWorkspaceId'>,
  { workspaceId, page, limit }: { workspaceId: string; page: number; limit: number },
) {
  const ofUsers =
    homeWorkspaceId === workspaceId
      ? { NOT: { subject: { contains: '/' } } }
      : { subject: { startsWith: toLikeLiteral(toUserSubject('', workspaceId)) } };
  const where: Prisma.ConnectorCredentialWhereInput = {
    instanceId,
    OR: [
      { scope: { in: ['organization', 'agent'] } },
      { scope: 'workspace', subject: workspaceId },
      { scope: 'user', ...ofUsers },
    ],
  };
  const rows = await tx.connectorCredential.findMany({
    where,
    orderBy: [{ scope: 'asc' }, { subject: 'asc' }],
    skip: (page - 1) * limit,
    take: limit,
  });
  return { items: rows.map(toCredential), total: await tx.connectorCredential.count({ where }) };
}

/** The connections of an external user. */
export type UserConnection = Pick<
  ListedCredential,
  'authType' | 'isUsable' | 'createdAt' | 'updatedAt' | 'replacedAt' | 'replacedBy'
> & {
  instanceId: string;
  instanceName: string;
  /** The slug of the connector. */
  connector: string;
};

function toUserConnection(
  { authType, isUsable, createdAt, updatedAt, replacedAt, replacedBy }: ListedCredential,
  instance: Pick<Instance, 'id' | 'instanceName' | 'connector' | 'authType'>,
): UserConnection {
  return {
    instanceId: instance.id,
    instanceName: instance.instanceName,
    connector: instance.connector,
    authType,
    isUsable: isUsable && authType === instance.authType,
    createdAt,
    updatedAt,
    replacedAt,
    replacedBy,
  };
}

const isOfUser = (workspaceId: string, username: string): Prisma.ConnectorCredentialWhereInput => ({
  scope: 'user',
  OR: [
    { subject: username, instance: { homeWorkspaceId: workspaceId } },
    { subject: toUserSubject(username, workspaceId) },
  ],
});

export async function hasConnections(
  tx: Transaction,
  { workspaceId, username }: { workspaceId: string; username: string },
): Promise<boolean> {
  const where = isOfUser(workspaceId, username);
  return (await tx.connectorCredential.findFirst({ where, select: { instanceId: true } })) !== null;
}

export async function listUserConnections(
  tx: Transaction,
  { workspaceId, username, page, limit }: { workspaceId: string; username: string; page: number; limit: number },
): Promise<{ items: UserConnection[]; total: number }> {
  const where = isOfUser(workspaceId, username);
  const rows = await tx.connectorCredential.findMany({
    where,
    include: { instance: { include: { connector: { select: { slug: true } } } } },
    orderBy: { instanceId: 'asc' },
    skip: (page - 1) * limit,
    take: limit,
  });
  const items = rows.map(({ instance, ...row }) =>
    toUserConnection(toCredential(row), { ...instance, connector: instance.connector.slug }),
  );
  return { items, total: await tx.connectorCredential.count({ where }) };
}

/** Ids of the instances for which an agent has credentials. */
export async function listInstancesOfAgent(tx: Transaction, agentId: string): Promise<string[]> {
  const where = { scope: 'agent' as const, subject: agentId };
  const rows = await tx.connectorCredential.findMany({
    where,
    select: { instanceId: true },
    orderBy: { instanceId: 'asc' },
  });
  return rows.map(({ instanceId }) => instanceId);
}

/**
 * The next deleted instance, in the order of ids, whose credentials may still be in the secret store; after the last
 * one, the first.
 */
export async function findRemoval(tx: Transaction, afterId: string) {
  const orderBy = { instanceId: 'asc' } as const;
  const next = await tx.credentialRemoval.findFirst({ where: { instanceId: { gt: afterId } }, orderBy });
  return next ?? (await tx.credentialRemoval.findFirst({ orderBy })) ?? undefined;
}

export async function deleteRemoval(tx: Transaction, instanceId: string): Promise<void> {
  await tx.credentialRemoval.deleteMany({ where: { instanceId } });
}

export async function insertAuthorization(
  tx: Transaction,
  { organizationId, workspaceId }: CredentialOwner,
  authorization: PendingAuthorization,
): Promise<void> {
  await tx.authorization.createMany({ data: { ...authorization, organizationId, workspaceId } });
}

/** For the platform, because a returning browser has no key. The row is deleted, so no browser can return twice. */
export async function takeAuthorization(
  tx: Transaction,
  stateHash: string,
): Promise<(PendingAuthorization & { home: Tenant }) | undefined> {
  const found = await tx.authorization.findUnique({
    where: { stateHash },
    include: { instance: { select: { organizationId: true, homeWorkspaceId: true } } },
  });
  const { count } = await tx.authorization.deleteMany({ where: { stateHash, expiresAt: { gt: new Date() } } });
  if (found === null || count === 0) return undefined;
  const { instance, ...authorization } = found;
  return { ...authorization, home: { organizationId: instance.organizationId, workspaceId: instance.homeWorkspaceId } };
}

export async function deleteExpiredAuthorizations(tx: Transaction): Promise<void> {
  await tx.authorization.deleteMany({ where: { expiresAt: { lt: new Date() } } });
}

function toKey({ instanceId, scope, subject = '' }: CredentialRef) {
  return { instanceId, scope, subject };
}

function toCredential({ authenticationId, subject, createdAt, updatedAt, replacedAt, ...row }: Row): ListedCredential {
  const { scope, version, hosts, fields, isUsable, replacedBy } = row;
  return {
    scope,
    version,
    hosts,
    fields,
    isUsable,
    authType: authenticationId,
    subject: subject === '' ? null : readUserSubject(subject).username,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    replacedAt: replacedAt?.toISOString() ?? null,
    replacedBy,
  };
}
