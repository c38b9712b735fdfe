import type { InstanceConfiguration } from '@toolplane/compiler';
import type { CredentialScope } from '@toolplane/contracts';
import type { Prisma } from '../../generated/client.ts';
import type { Tenant, Transaction } from '../../platform/database/database.ts';
import { toLikeLiteral } from '../../platform/database/like-literal.ts';

export type Instance = {
  id: string;
  organizationId: string;
  /** Null if the instance is for all workspaces of the organization. */
  workspaceId: string | null;
  /** The workspace of the instance's server. */
  homeWorkspaceId: string;
  /** The pool of the instance's server. */
  pool: string | null;
  connectorId: string;
  /** The slug of the connector. */
  connector: string;
  instanceName: string;
  description: string | null;
  configuration: InstanceConfiguration;
  /** The id of an authentication in the descriptor, or `none`. */
  authType: string;
  isEnabled: boolean;
  lastTestedAt: string | null;
  /** `pending` with no `lastTestedAt` means that the instance was not tested since the last change. */
  testStatus: 'success' | 'failed' | 'pending';
  testMessage: string | null;
  /** The version that was deployed last. */
  version: string | null;
  deployedVersionId: string | null;
  /** The last version that the platform tried to deploy, which may not have compiled. */
  attemptedVersionId: string | null;
  /** The active version of the connector: the one to deploy. */
  activeVersionId: string | null;
  /** The origins that the instance's tools call, as far as they are known before a call. */
  origins: string[];
  deployMessage: string | null;
  createdAt: string;
  updatedAt: string;
};

export type NewInstance = Pick<
  Instance,
  | 'id'
  | 'organizationId'
  | 'workspaceId'
  | 'homeWorkspaceId'
  | 'connectorId'
  | 'instanceName'
  | 'description'
  | 'configuration'
  | 'authType'
  | 'isEnabled'
>;

/** The fields that people can change. */
export type InstanceChange = {
  instanceName?: string | undefined;
  description?: string | null | undefined;
  configuration?: InstanceConfiguration | undefined;
  authType?: string | undefined;
  isEnabled?: boolean | undefined;
};

/** The result of compiling a version for an instance. */
export type Settlement = { versionId: string; origins: string[] };

export type TestState = { status: 'success' | 'failed' | 'pending'; message: string | null };

export type InstanceList = { q: string | undefined; connector: string | undefined; page: number; limit: number };

const withVersions = {
  connector: { select: { slug: true, activeVersionId: true } },
  deployedVersion: { select: { version: true } },
} as const satisfies Prisma.ConnectorInstanceInclude;
type Row = Prisma.ConnectorInstanceGetPayload<{ include: typeof withVersions }>;

export async function insertInstance(tx: Transaction, instance: NewInstance): Promise<void> {
  const { configuration, ...rest } = instance;
  await tx.connectorInstance.createMany({ data: { ...rest, configuration: JSON.stringify(configuration) } });
}

export async function findInstance(tx: Transaction, id: string): Promise<Instance | undefined> {
  const row = await tx.connectorInstance.findUnique({ where: { id }, include: withVersions });
  return row === null ? undefined : toInstance(row);
}

/** If the instance's server must be locked as well, lock the server first. */
export async function lockInstance(tx: Transaction, id: string): Promise<Instance | undefined> {
  await tx.$queryRaw`SELECT 1 FROM connector_instances WHERE id = ${id} FOR UPDATE`;
  return findInstance(tx, id);
}

/** Whether the name is taken in the workspace of the instance's server. */
export async function isNameTaken(tx: Transaction, homeWorkspaceId: string, instanceName: string): Promise<boolean> {
  return (await tx.connectorInstance.count({ where: { homeWorkspaceId, instanceName } })) > 0;
}

/** Returns the newest instances first. */
export async function listInstances(tx: Transaction, { q, connector, page, limit }: InstanceList) {
  const where: Prisma.ConnectorInstanceWhereInput = {
    ...(connector !== undefined && { connector: { slug: connector } }),
    ...(q !== undefined && {
      OR: [
        { instanceName: { contains: toLikeLiteral(q), mode: 'insensitive' } },
        { description: { contains: toLikeLiteral(q), mode: 'insensitive' } },
      ],
    }),
  };
  const rows = await tx.connectorInstance.findMany({
    where,
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    skip: (page - 1) * limit,
    take: limit,
    include: withVersions,
  });
  return { items: rows.map(toInstance), total: await tx.connectorInstance.count({ where }) };
}

/** The ids of the instances with usable credentials in a scope that the workspace may see. */
export async function listWithCredentials(tx: Transaction, ids: string[], workspaceId: string): Promise<Set<string>> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT i.id FROM connector_instances i
    JOIN connector_credentials c ON c.instance_id = i.id AND c.authentication_id = i.auth_type AND c.is_usable
    WHERE i.id = ANY(${ids}) AND CASE c.scope
      WHEN 'workspace' THEN c.subject = ${workspaceId}
      WHEN 'user' THEN
        CASE WHEN c.subject LIKE '%/%' THEN split_part(c.subject, '/', 1) ELSE i.home_workspace_id END = ${workspaceId}
      ELSE true END`;
  return new Set(rows.map(({ id }) => id));
}

export async function updateInstance(tx: Transaction, id: string, change: InstanceChange): Promise<void> {
  const { instanceName, description, configuration, authType, isEnabled } = change;
  await tx.connectorInstance.update({
    where: { id },
    data: {
      ...(instanceName !== undefined && { instanceName }),
      ...(description !== undefined && { description }),
      ...(configuration !== undefined && { configuration: JSON.stringify(configuration) }),
      ...(authType !== undefined && { authType }),
      ...(isEnabled !== undefined && { isEnabled }),
      ...((configuration !== undefined || authType !== undefined) && untested),
      updatedAt: new Date(),
    },
    select: { id: true },
  });
  // A sign-in in progress is for the previous authentication, so it is deleted.
  if (authType !== undefined) await tx.authorization.deleteMany({ where: { instanceId: id } });
}

export async function saveSettlement(tx: Transaction, id: string, { versionId, origins }: Settlement): Promise<void> {
  const data = { attemptedVersionId: versionId, deployedVersionId: versionId, deployMessage: null, origins };
  await tx.connectorInstance.updateMany({ where: { id }, data });
}

/**
 * Does nothing if the instance already runs this version: a change of the instance may have supplied what was missing.
 */
export async function saveRejection(
  tx: Transaction,
  id: string,
  { versionId, message }: { versionId: string; message: string },
): Promise<void> {
  const isOther = { OR: [{ deployedVersionId: null }, { deployedVersionId: { not: versionId } }] };
  const data = { attemptedVersionId: versionId, deployMessage: message };
  await tx.connectorInstance.updateMany({ where: { id, ...isOther }, data });
}

/** A test result applies only to what was tested, and to no later state. */
const untested = { testStatus: 'pending', testMessage: null, lastTestedAt: null } as const;

export async function saveTest(tx: Transaction, id: string, { status, message }: TestState): Promise<void> {
  const data = { testStatus: status, testMessage: message, lastTestedAt: new Date() };
  await tx.connectorInstance.updateMany({ where: { id }, data });
}

/** Ends tests whose process no longer exists. */
export async function endInterruptedTests(tx: Transaction, startedBefore: Date): Promise<void> {
  await tx.connectorInstance.updateMany({
    where: { testStatus: 'pending', lastTestedAt: { lt: startedBefore } },
    data: { testStatus: 'failed', testMessage: 'The test was interrupted' },
  });
}

/**
 * After a change of shared credentials, clients see the tools as changed, and the new credentials count as untested.
 */
export async function countCredentialChange(tx: Transaction, id: string): Promise<void> {
  await tx.connectorInstance.update({
    where: { id },
    data: { credentialsVersion: { increment: 1 }, ...untested },
    select: { id: true },
  });
}

/**
 * Records the removal, so that the credentials of the instance are deleted from the secret store. Its server must
 * already be deleted.
 */
export async function deleteInstance(
  tx: Transaction,
  { id, organizationId, workspaceId, pool }: Instance,
): Promise<void> {
  const credentials = await tx.connectorCredential.findMany({
    where: { instanceId: id },
    select: { scope: true, subject: true },
  });
  const refs = credentials.map(({ scope, subject }): { scope: CredentialScope; subject?: string } =>
    scope === 'organization' ? { scope } : { scope, subject },
  );
  if (refs.length > 0) {
    const removal = { instanceId: id, ownerId: workspaceId ?? organizationId, pool, refs: JSON.stringify(refs) };
    await tx.credentialRemoval.createMany({ data: removal });
  }
  await tx.connectorInstance.delete({ where: { id }, select: { id: true } });
}

export type Lagging = { id: string; tenant: Tenant };

/**
 * For the platform: lists instances that have not been tried with the active version of their connector; only those of
 * one connector if `connectorId` is given.
 */
export async function listLagging(tx: Transaction, connectorId: string | undefined): Promise<Lagging[]> {
  const rows = await tx.$queryRaw<{ id: string; organizationId: string; workspaceId: string }[]>`
    SELECT i.id, i.organization_id AS "organizationId", i.home_workspace_id AS "workspaceId"
    FROM connector_instances i JOIN connectors c ON c.id = i.connector_id
    WHERE c.active_version_id IS NOT NULL AND i.attempted_version_id IS DISTINCT FROM c.active_version_id
      AND (${connectorId ?? null}::text IS NULL OR c.id = ${connectorId ?? null})
    ORDER BY i.id`;
  return rows.map(({ id, organizationId, workspaceId }) => ({ id, tenant: { organizationId, workspaceId } }));
}

function toInstance({ connector, deployedVersion, credentialsVersion, ...row }: Row): Instance {
  return {
    ...row,
    connector: connector.slug,
    activeVersionId: connector.activeVersionId,
    version: deployedVersion?.version ?? null,
    configuration: JSON.parse(row.configuration) as InstanceConfiguration,
    lastTestedAt: row.lastTestedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
