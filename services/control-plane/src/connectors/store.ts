import assert from 'node:assert';
import type { ConnectorCategory } from '@toolplane/compiler/connector-vocabulary';
import type { ConnectorSummary } from '../catalogue/connector-summary.ts';
import type { Prisma } from '../generated/client.ts';
import type { Transaction } from '../platform/database/database.ts';
import { toLikeLiteral } from '../platform/database/like-literal.ts';
import type { ReadDescriptor } from '../servers/documents/compiling/connector-tasks.ts';

/** A connector as lists show it: with its active version, or its highest one if all are deprecated. */
export type ListedConnector = {
  id: string;
  slug: string;
  name: string;
  description: string;
  publisher: string | null;
  categories: ConnectorCategory[];
  tags: string[];
  toolsCount: number;
  version: string;
  /** Null if all versions are deprecated; then no new instances can be created. */
  activeVersion: string | null;
  createdAt: string;
};

export type ConnectorVersion = {
  id: string;
  version: string;
  sha256: string;
  toolsCount: number;
  isActive: boolean;
  createdAt: string;
  deprecatedAt: string | null;
  deprecationMessage: string | null;
};

/** The versions of a connector without their texts. */
export type KnownConnector = {
  id: string;
  slug: string;
  activeVersionId: string | null;
  /** Sorted from the highest version to the lowest. */
  versions: { id: string; number: number; version: string; sha256: string; deprecatedAt: Date | null }[];
};

/** A version with its descriptor. */
export type WholeVersion = {
  id: string;
  connectorId: string;
  slug: string;
  version: string;
  text: string;
  sha256: string;
  summary: ConnectorSummary;
  deprecatedAt: Date | null;
};

export type NewVersion = { id: string; organizationId: string; connectorId: string; number: number; text: string };

export type ConnectorList = {
  page: number;
  limit: number;
  q?: string | undefined;
  category?: string | undefined;
  tag?: string | undefined;
};

/** Holds the lock until the end of the transaction. A slug that does not exist yet can be locked as well. */
export async function lockConnector(tx: Transaction, organizationId: string, slug: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`${organizationId}/${slug}`}, 0))`;
}

/** Slugs never contain an underscore, and ids always do. */
export async function findConnector(tx: Transaction, idOrSlug: string): Promise<KnownConnector | undefined> {
  const row = await tx.connector.findFirst({
    where: idOrSlug.includes('_') ? { id: idOrSlug } : { slug: idOrSlug },
    select: {
      id: true,
      slug: true,
      activeVersionId: true,
      versions: {
        select: { id: true, number: true, version: true, sha256: true, deprecatedAt: true },
        orderBy: { number: 'desc' },
      },
    },
  });
  return row ?? undefined;
}

export async function insertConnector(
  tx: Transaction,
  connector: { id: string; organizationId: string; slug: string },
) {
  await tx.connector.create({ data: connector, select: { id: true } });
}

export async function insertVersion(tx: Transaction, version: NewVersion, descriptor: ReadDescriptor): Promise<void> {
  const { slug, ...columns } = descriptor;
  await tx.connectorVersion.createMany({ data: { ...version, ...columns } });
}

export async function activateVersion(tx: Transaction, id: string, activeVersionId: string | null): Promise<void> {
  await tx.connector.update({ where: { id }, data: { activeVersionId }, select: { id: true } });
}

export async function deprecateVersion(
  tx: Transaction,
  id: string,
  deprecation: { deprecatedAt: Date; deprecationMessage: string | null },
): Promise<void> {
  await tx.connectorVersion.update({ where: { id }, data: deprecation, select: { id: true } });
}

/** Sorted by slug. Filters apply to active versions. */
export async function listConnectors(tx: Transaction, { page, limit, q, category, tag }: ConnectorList) {
  const filter: Prisma.ConnectorVersionWhereInput = {
    ...(category !== undefined && { categories: { has: category } }),
    ...(tag !== undefined && { tags: { has: tag } }),
  };
  const where: Prisma.ConnectorWhereInput = {
    ...(Object.keys(filter).length > 0 && { activeVersion: { is: filter } }),
    ...(q !== undefined && { OR: toSearch(toLikeLiteral(q)) }),
  };
  const rows = await tx.connector.findMany({
    where,
    orderBy: { slug: 'asc' },
    skip: (page - 1) * limit,
    take: limit,
    select: connectorColumns,
  });
  return { items: rows.map(toConnector), total: await tx.connector.count({ where }) };
}

function toSearch(text: string): Prisma.ConnectorWhereInput[] {
  const contains = { contains: text, mode: 'insensitive' } as const;
  return [
    { slug: contains },
    { activeVersion: { is: { OR: [{ name: contains }, { description: contains }, { publisher: contains }] } } },
  ];
}

export async function readConnector(tx: Transaction, slug: string) {
  const row = await tx.connector.findFirst({ where: { slug }, select: connectorColumns });
  if (row === null) return undefined;
  const connector = toConnector(row);
  const shown = await readVersion(tx, connector);
  return shown === undefined ? undefined : { ...connector, shown };
}

/** Sorted from the highest version to the lowest. */
export async function listVersions(tx: Transaction, slug: string, { page, limit }: { page: number; limit: number }) {
  const where = { connector: { slug } };
  const rows = await tx.connectorVersion.findMany({
    where,
    orderBy: { number: 'desc' },
    skip: (page - 1) * limit,
    take: limit,
    select: versionColumns,
  });
  return { items: rows.map(toVersion), total: await tx.connectorVersion.count({ where }) };
}

export async function findVersion(tx: Transaction, id: string): Promise<ConnectorVersion | undefined> {
  const row = await tx.connectorVersion.findUnique({ where: { id }, select: versionColumns });
  return row === null ? undefined : toVersion(row);
}

/** Includes the summary, which lists do not show. */
export async function readVersion(tx: Transaction, { slug, version }: { slug: string; version: string }) {
  const row = await tx.connectorVersion.findFirst({
    where: { version, connector: { slug } },
    select: { ...versionColumns, summary: true },
  });
  if (row === null) return undefined;
  return { ...toVersion(row), summary: JSON.parse(row.summary) as ConnectorSummary };
}

export async function findWholeVersion(tx: Transaction, id: string): Promise<WholeVersion | undefined> {
  const row = await tx.connectorVersion.findUnique({
    where: { id },
    select: {
      id: true,
      connectorId: true,
      version: true,
      text: true,
      sha256: true,
      summary: true,
      deprecatedAt: true,
      connector: { select: { slug: true } },
    },
  });
  if (row === null) return undefined;
  const { connector, summary, ...rest } = row;
  return { ...rest, slug: connector.slug, summary: JSON.parse(summary) as ConnectorSummary };
}

/** The descriptor exactly as it was registered. */
export async function readText(tx: Transaction, id: string): Promise<string | undefined> {
  const row = await tx.connectorVersion.findUnique({ where: { id }, select: { text: true } });
  return row?.text;
}

const shownColumns = {
  version: true,
  name: true,
  description: true,
  publisher: true,
  categories: true,
  tags: true,
  toolsCount: true,
} as const satisfies Prisma.ConnectorVersionSelect;

const connectorColumns = {
  id: true,
  slug: true,
  createdAt: true,
  activeVersion: { select: shownColumns },
  versions: { select: shownColumns, orderBy: { number: 'desc' }, take: 1 },
} as const satisfies Prisma.ConnectorSelect;

const versionColumns = {
  id: true,
  version: true,
  sha256: true,
  toolsCount: true,
  createdAt: true,
  deprecatedAt: true,
  deprecationMessage: true,
  activeOn: { select: { id: true } },
} as const satisfies Prisma.ConnectorVersionSelect;

function toConnector(row: Prisma.ConnectorGetPayload<{ select: typeof connectorColumns }>): ListedConnector {
  const { id, slug, activeVersion, versions, createdAt } = row;
  const shown = activeVersion ?? versions[0];
  assert(shown !== undefined, 'A connector has a version');
  return {
    id,
    slug,
    ...shown,
    categories: shown.categories as ConnectorCategory[],
    activeVersion: activeVersion?.version ?? null,
    createdAt: createdAt.toISOString(),
  };
}

function toVersion(row: Prisma.ConnectorVersionGetPayload<{ select: typeof versionColumns }>): ConnectorVersion {
  const { activeOn, createdAt, deprecatedAt, ...rest } = row;
  return {
    ...rest,
    isActive: activeOn !== null,
    createdAt: createdAt.toISOString(),
    deprecatedAt: deprecatedAt?.toISOString() ?? null,
  };
}
