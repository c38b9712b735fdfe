import { AppError, type Diagnostic } from '@toolplane/contracts';
import type { Logger } from '@toolplane/service-kit';
import type { ListPage, PageRequest } from '@toolplane/service-kit/http';
import type { ConnectorSummary } from '../catalogue/connector-summary.ts';
import type { Database, Transaction } from '../platform/database/database.ts';
import { logInstancesNotMoved } from '../platform/events.ts';
import { newId } from '../platform/ids.ts';
import { orNotFound } from '../platform/or-not-found.ts';
import type { Principal } from '../platform/principals/principal.ts';
import type { Compiler } from '../servers/documents/compiling/compiler.ts';
import type {
  DiffAnswer,
  ImportAnswer,
  ImportTask,
  ReadDescriptor,
} from '../servers/documents/compiling/connector-tasks.ts';
import { compareVersions } from './compare-versions.ts';
import * as store from './store.ts';

/** A descriptor with problems leads to a regular answer, not a failed request: its list of problems is the result. */
export type RegisterResult =
  | { status: 'registered' | 'unchanged'; slug: string; version: store.ConnectorVersion; diagnostics: Diagnostic[] }
  | { status: 'rejected'; diagnostics: Diagnostic[] };

export type VersionWithSummary = store.ConnectorVersion & { summary: ConnectorSummary };

export type Connectors = {
  /** A registered version never changes; a new version must be higher than all earlier ones. */
  register(principal: Principal, text: string): Promise<RegisterResult>;
  validate(principal: Principal, text: string): Promise<{ valid: boolean; diagnostics: Diagnostic[] }>;
  importOpenApi(principal: Principal, task: ImportTask): Promise<ImportAnswer>;
  /** No new instances of a deprecated version can be created. The highest remaining version becomes the active one. */
  deprecate(
    principal: Principal,
    slug: string,
    request: { version: string; message: string | null },
  ): Promise<store.ConnectorVersion>;
  list(principal: Principal, request: store.ConnectorList): Promise<ListPage<store.ListedConnector>>;
  get(principal: Principal, slug: string): Promise<store.ListedConnector & { shown: VersionWithSummary }>;
  listVersions(principal: Principal, slug: string, page: PageRequest): Promise<ListPage<store.ConnectorVersion>>;
  getVersion(principal: Principal, slug: string, version: string): Promise<VersionWithSummary & { descriptor: string }>;
  diff(principal: Principal, slug: string, between: { from: string; to: string }): Promise<DiffAnswer>;
  /** JSON text for the given version, or by default for the one that `get` shows. */
  openApi(principal: Principal, slug: string, version: string | undefined): Promise<string>;
};

const CONNECTOR = 'connector';
const VERSION = 'version of the connector';

export function createConnectors(options: {
  database: Database;
  compiler: Compiler;
  /** Moves the instances of a connector to its new active version; registering does not wait for that. */
  onActiveVersionChange(connectorId: string): Promise<void>;
  logger: Logger;
}): Connectors {
  const { database, compiler, logger } = options;

  async function register(principal: Principal, text: string): Promise<RegisterResult> {
    const { diagnostics, descriptor } = await compiler.readConnector(principal.workspaceId, text);
    if (descriptor === undefined) return { status: 'rejected', diagnostics };
    const { slug } = descriptor;
    const saved = await database.within(principal, (tx) => save(tx, principal, text, descriptor));
    if (saved.newConnectorId !== undefined) announce(saved.newConnectorId);
    const status = saved.newConnectorId === undefined ? 'unchanged' : 'registered';
    return { status, slug, version: saved.version, diagnostics };
  }

  function announce(connectorId: string): void {
    options.onActiveVersionChange(connectorId).catch((error: unknown) => {
      logInstancesNotMoved(logger, connectorId, error);
    });
  }

  async function deprecate(principal: Principal, slug: string, asked: { version: string; message: string | null }) {
    const { version, changed } = await database.within(principal, async (tx) => {
      await store.lockConnector(tx, principal.organizationId, slug);
      const connector = await getKnown(tx, slug);
      const { id, deprecatedAt } = orNotFound(
        connector.versions.find(({ version }) => version === asked.version),
        VERSION,
      );
      const deprecation = { deprecatedAt: deprecatedAt ?? new Date(), deprecationMessage: asked.message };
      await store.deprecateVersion(tx, id, deprecation);
      const active = connector.versions.find((each) => each.id !== id && each.deprecatedAt === null);
      const isActive = connector.activeVersionId === id;
      if (isActive) await store.activateVersion(tx, connector.id, active?.id ?? null);
      const version = orNotFound(await store.findVersion(tx, id));
      return { version, changed: isActive && active !== undefined ? connector.id : undefined };
    });
    if (changed !== undefined) announce(changed);
    return version;
  }

  async function readTexts(principal: Principal, slug: string, versions: string[]): Promise<string[]> {
    return database.within(principal, async (tx) => {
      const connector = await getKnown(tx, slug);
      const texts: string[] = [];
      for (const version of versions) {
        const { id } = orNotFound(
          connector.versions.find((each) => each.version === version),
          VERSION,
        );
        texts.push(orNotFound(await store.readText(tx, id)));
      }
      return texts;
    });
  }

  return {
    register,
    deprecate,
    async validate({ workspaceId }, text) {
      const { diagnostics, descriptor } = await compiler.readConnector(workspaceId, text);
      return { valid: descriptor !== undefined, diagnostics };
    },
    importOpenApi: ({ workspaceId }, task) => compiler.importOpenApi(workspaceId, task),
    list: (principal, request) => database.within(principal, (tx) => store.listConnectors(tx, request)),
    get: async (principal, slug) =>
      orNotFound(await database.within(principal, (tx) => store.readConnector(tx, slug)), CONNECTOR),
    listVersions: (principal, slug, page) =>
      database.within(principal, async (tx) => {
        await getKnown(tx, slug);
        return store.listVersions(tx, slug, page);
      }),
    getVersion: (principal, slug, version) =>
      database.within(principal, async (tx) => {
        await getKnown(tx, slug);
        const found = orNotFound(await store.readVersion(tx, { slug, version }), VERSION);
        return { ...found, descriptor: orNotFound(await store.readText(tx, found.id)) };
      }),
    async diff(principal, slug, { from, to }) {
      const [before = '', after = ''] = await readTexts(principal, slug, [from, to]);
      return compiler.diff(principal.workspaceId, { before, after });
    },
    async openApi(principal, slug, asked) {
      const version =
        asked ?? orNotFound(await database.within(principal, (tx) => store.readConnector(tx, slug)), CONNECTOR).version;
      const [text = ''] = await readTexts(principal, slug, [version]);
      return compiler.toOpenApi(principal.workspaceId, text);
    },
  };
}

/** Returns the connector and its active version. If no version is active, no new instances can be created. */
export async function getConnector(
  tx: Transaction,
  idOrSlug: string,
): Promise<{ id: string; slug: string; activeVersion?: { id: string; version: string } }> {
  const { id, slug, activeVersionId, versions } = await getKnown(tx, idOrSlug);
  const active = versions.find((version) => version.id === activeVersionId);
  return { id, slug, ...(active && { activeVersion: { id: active.id, version: active.version } }) };
}

/** Returns a version by its id, with its descriptor. */
export async function getConnectorVersion(tx: Transaction, id: string): Promise<store.WholeVersion> {
  return orNotFound(await store.findWholeVersion(tx, id));
}

async function getKnown(tx: Transaction, idOrSlug: string): Promise<store.KnownConnector> {
  return orNotFound(await store.findConnector(tx, idOrSlug), CONNECTOR);
}

/** `newConnectorId` is absent if the version already existed. */
async function save(
  tx: Transaction,
  { organizationId }: Principal,
  text: string,
  descriptor: ReadDescriptor,
): Promise<{ version: store.ConnectorVersion; newConnectorId?: string }> {
  const { slug } = descriptor;
  // The second of two concurrent registrations finds the result of the first.
  await store.lockConnector(tx, organizationId, slug);
  const known = await store.findConnector(tx, slug);
  const versions = known?.versions ?? [];
  const same = versions.find(({ version }) => version === descriptor.version);
  if (same?.sha256 === descriptor.sha256) return { version: orNotFound(await store.findVersion(tx, same.id)) };
  refuseTaken(descriptor.version, versions);
  const connectorId = known?.id ?? newId('con');
  if (known === undefined) await store.insertConnector(tx, { id: connectorId, organizationId, slug });
  const id = newId('cov');
  const number = (versions[0]?.number ?? 0) + 1;
  await store.insertVersion(tx, { id, organizationId, connectorId, number, text }, descriptor);
  await store.activateVersion(tx, connectorId, id);
  return { version: orNotFound(await store.findVersion(tx, id)), newConnectorId: connectorId };
}

const VERSIONS_SHOWN_MAX = 10;

/** `versions` are sorted from highest to lowest. */
function refuseTaken(version: string, versions: store.KnownConnector['versions']): void {
  const [highest] = versions;
  if (highest === undefined || compareVersions(version, highest.version) > 0) return;
  const isThere = versions.some((each) => each.version === version);
  const problem = isThere ? 'already exists with different content' : `is not higher than ${highest.version}`;
  const shown = versions.slice(0, VERSIONS_SHOWN_MAX).map((each) => each.version);
  const rest = versions.length > shown.length ? ` and ${versions.length - shown.length} lower ones` : '';
  throw new AppError('conflict', `Version ${version} ${problem}; existing versions: ${shown.join(', ')}${rest}`);
}
