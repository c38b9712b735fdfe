import type { CompiledDocument } from '@toolplane/compiler';
import { AppError, canonicalJson, type Diagnostic, type Plan } from '@toolplane/contracts';
import type { ListPage, PageRequest } from '@toolplane/service-kit/http';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import type { Database, Transaction } from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import type { CompileSettings } from '../documents/compiling/compile-task.ts';
import type { Build, DocumentSource, Documents } from '../documents/documents.ts';
import { warnOfPolicy } from '../policies/warn-of-policy.ts';
import { listSecretHosts } from '../secrets/secret-hosts.ts';
import { warnOfUncovered } from '../secrets/secret-usage.ts';
import { getServer, refuseInstanceServer, type Server } from '../server-record.ts';
import { createActivation, insertAndActivate } from './activation.ts';
import {
  type ActivePlans,
  type ActiveTools,
  findActivePlans,
  plansOf,
  readActiveTools,
  readEarlierPlans,
} from './active-tools.ts';
import { adviseOnServer } from './advise-on-server.ts';
import { listTools, relistTools } from './relist-tools.ts';
import * as store from './store.ts';

/** A document with problems leads to a regular answer, not a failed request: its list of problems is the result. */
export type DeployResult =
  | { status: 'deployed'; deployment: store.Deployment; diagnostics: Diagnostic[] }
  | { status: 'unchanged' }
  | { status: 'rejected'; diagnostics: Diagnostic[] };

/**
 * `sourceServers` replaces those of the server. If `canFetch` is true, documents to which the document refers are
 * fetched.
 */
export type Validating = { sourceServers: Server['sourceServers'] | undefined; canFetch: boolean };
export type Validation = { valid: boolean; diagnostics: Diagnostic[] };

/**
 * The running deployment, compiled for other settings of its server. `save` is part of the transaction that changes
 * these settings.
 */
export type Recompiled = {
  deploymentId: string | null;
  /** Absent if nothing runs. */
  document?: CompiledDocument;
  /** Contains only advice, no errors. */
  diagnostics: Diagnostic[];
  save(tx: Transaction): Promise<void>;
};

/** The deployment of another server, compiled for a new one. `run` saves it there; the server must exist by then. */
export type Copied = { diagnostics: Diagnostic[]; run(): Promise<void> };

export type Deployments = {
  deploy(principal: Principal, idOrSlug: string, source: DocumentSource): Promise<DeployResult>;
  /** Returns the result that deploying would have. Saves nothing. */
  validate(principal: Principal, idOrSlug: string, source: DocumentSource, how: Validating): Promise<Validation>;
  rollBack(principal: Principal, idOrSlug: string, deploymentId: string): Promise<store.Deployment>;
  /** Compiles the running deployment of a server for its new settings. Rejects if it does not compile for them. */
  recompileActive(principal: Principal, server: Server): Promise<Recompiled>;
  /** Compiles what a server runs for a copy of that server. Returns undefined if the server runs nothing. */
  copyActive(principal: Principal, from: Server, to: Pick<Server, 'id' | 'slug'>): Promise<Copied | undefined>;
  /** Lists the tools of the active deployment when its server runs again. */
  restoreTools(tx: Transaction, serverId: string): Promise<void>;
  list(principal: Principal, idOrSlug: string, page: PageRequest): Promise<ListPage<store.Deployment>>;
  get(principal: Principal, idOrSlug: string, deploymentId: string): Promise<store.Deployment & DocumentSource>;
  activeTools(principal: Principal, idOrSlug: string): Promise<ActiveTools>;
  findActivePlans(tx: Transaction, serverId: string): Promise<ActivePlans>;
  /** Yields the plans of the tool of this name in the last deployments, newest first. */
  readEarlierPlans(tx: Transaction, serverId: string, tool: string): AsyncGenerator<Plan>;
};

export function createDeployments(options: {
  database: Database;
  changes: ChangeNotices;
  documents: Documents;
}): Deployments {
  const { database, changes, documents } = options;
  const activate = createActivation({ database, changes });

  /** Reads a server to which documents can be deployed, and its secrets. */
  function readTarget(principal: Principal, idOrSlug: string) {
    return database.within(principal, async (tx) => {
      const server = await getServer(tx, idOrSlug);
      refuseInstanceServer(server);
      return { server, secrets: await listSecretHosts(tx, server.id) };
    });
  }

  async function validate(principal: Principal, idOrSlug: string, source: DocumentSource, how: Validating) {
    const { server, secrets } = await readTarget(principal, idOrSlug);
    const settings = toSettings({ ...server, sourceServers: how.sourceServers ?? server.sourceServers }, secrets);
    const build = how.canFetch ? documents.build : documents.rebuild;
    const { diagnostics, compiled } = await build(source, settings, server.pool);
    if (compiled === undefined) return { valid: false, diagnostics };
    return { valid: true, diagnostics: await advise(principal, server, secrets, { ...compiled, diagnostics }) };
  }

  async function deploy(principal: Principal, idOrSlug: string, source: DocumentSource): Promise<DeployResult> {
    const { server, secrets } = await readTarget(principal, idOrSlug);
    const settings = toSettings(server, secrets);
    const { references, compiled, diagnostics } = await documents.build(source, settings, server.pool);
    if (compiled === undefined) return { status: 'rejected', diagnostics };
    const compilation = toCompilation(server, compiled);
    const active = await database.within(principal, (tx) => store.findActiveDigest(tx, server.id));
    if (active === compilation.digest) return { status: 'unchanged' };
    const { definition } = source;
    const { document } = compiled;
    const deployment = await save(principal, server.id, { definition, references, ...compilation }, document);
    if (deployment === undefined) return { status: 'unchanged' };
    // The deployment has succeeded, even if checking it against the rest of the server fails.
    const advice = advise(principal, server, secrets, { document, diagnostics }).catch(() => diagnostics);
    return { status: 'deployed', deployment, diagnostics: await advice };
  }

  /**
   * Returns the advice on a compiled document, and on how it fits the server's other tools, its secrets and its policy.
   */
  async function advise(
    principal: Principal,
    server: Server,
    secrets: SecretHosts,
    { document, diagnostics }: { document: CompiledDocument; diagnostics: readonly Diagnostic[] },
  ): Promise<Diagnostic[]> {
    return database.within(principal, async (tx) => [
      ...(await adviseOnServer(tx, server, { document, diagnostics })),
      ...warnOf(document, secrets),
      ...(await warnOfPolicy(tx, server.id, document)),
    ]);
  }

  /** Returns undefined if the same document was deployed concurrently. */
  function save(
    principal: Principal,
    serverId: string,
    made: DocumentSource & store.Compilation,
    document: CompiledDocument,
  ) {
    const id = newId('dep');
    const { workspaceId } = principal;
    const deployment = { id, workspaceId, serverId, ...made };
    return insertAndActivate({ database, activate }, principal, deployment, async (tx, server) => {
      refuseOtherSettings(server, made);
      if ((await store.findActiveDigest(tx, server.id)) !== made.digest) return { id, document };
      await store.discardDeployment(tx, id);
      return undefined;
    });
  }

  async function rollBack(principal: Principal, idOrSlug: string, id: string): Promise<store.Deployment> {
    const { server, deployment } = await find(principal, idOrSlug, id);
    refuseInstanceServer(server);
    if (deployment.state === 'active') return deployment;
    if (deployment.state === 'deploying') throw new AppError('conflict', 'The deployment has not ended yet');
    const isCurrent = deployment.sourceServers === sourceServersOf(server);
    const other = isCurrent ? undefined : await recompile(principal, server, id);
    const activated = await activate(principal, server.id, async (tx, current) => {
      refuseOtherSettings(current, other?.compilation ?? deployment);
      if (other !== undefined) await store.saveCompilation(tx, id, other.compilation);
      return { id, document: other?.document ?? (JSON.parse(await store.readCompiled(tx, id)) as CompiledDocument) };
    });
    return orNotFound(activated, 'deployment');
  }

  /**
   * Compiles a deployment again from the documents stored with it: nothing is fetched, but the current compiler and the
   * current secret names are used.
   */
  async function recompile(principal: Principal, server: Server, id: string) {
    const { source, secrets } = await database.within(principal, async (tx) => ({
      source: await store.readSource(tx, id),
      secrets: await listSecretHosts(tx, server.id),
    }));
    const { diagnostics, compiled } = await documents.rebuild(source, toSettings(server, secrets));
    if (compiled !== undefined) {
      const { document } = compiled;
      const warnings = warnOf(document, secrets);
      const compilation = toCompilation(server, compiled);
      return { source, compilation, document, diagnostics: [...diagnostics, ...warnings] };
    }
    const message = 'Compiled with these servers of its sources, the deployment has problems; nothing was changed';
    throw new AppError('invalid_document', message, { details: toDetails(diagnostics) });
  }

  async function recompileActive(principal: Principal, server: Server): Promise<Recompiled> {
    const { activeDeploymentId: deploymentId } = server;
    if (deploymentId === null) return { deploymentId, diagnostics: [], save: async () => undefined };
    const { compilation, document, diagnostics } = await recompile(principal, server, deploymentId);
    return {
      deploymentId,
      document,
      diagnostics,
      async save(tx) {
        await store.saveCompilation(tx, deploymentId, compilation);
        await listTools(tx, server.id, document);
      },
    };
  }

  async function copyActive(principal: Principal, from: Server, to: Pick<Server, 'id' | 'slug'>) {
    const { activeDeploymentId } = from;
    if (activeDeploymentId === null) return undefined;
    const copied = await recompile(principal, { ...from, ...to }, activeDeploymentId);
    const { source, compilation, document, diagnostics } = copied;
    return {
      diagnostics,
      async run() {
        await save(principal, to.id, { ...source, ...compilation }, document);
      },
    };
  }

  function find(principal: Principal, idOrSlug: string, id: string) {
    return database.within(principal, async (tx) => {
      const server = await getServer(tx, idOrSlug);
      return {
        server,
        deployment: orNotFound(await store.findDeployment(tx, { serverId: server.id, id }), 'deployment'),
      };
    });
  }

  return {
    deploy,
    validate,
    rollBack,
    recompileActive,
    copyActive,
    async restoreTools(tx, serverId) {
      await relistTools(tx, serverId);
    },
    async get(principal, idOrSlug, id) {
      const { deployment } = await find(principal, idOrSlug, id);
      return { ...deployment, ...(await database.within(principal, (tx) => store.readSource(tx, id))) };
    },
    list: (principal, idOrSlug, page) =>
      database.within(principal, async (tx) => {
        const server = await getServer(tx, idOrSlug);
        return store.listDeployments(tx, { serverId: server.id, ...page });
      }),
    activeTools: (principal, idOrSlug) => database.within(principal, (tx) => readActiveTools(tx, idOrSlug)),
    findActivePlans,
    readEarlierPlans,
  };
}

type SecretHosts = Awaited<ReturnType<typeof listSecretHosts>>;

function warnOf(declared: CompiledDocument, secrets: SecretHosts): Diagnostic[] {
  return secrets.length === 0 ? [] : warnOfUncovered(plansOf(declared), secrets);
}

function toSettings(server: Server, secrets: SecretHosts): CompileSettings {
  const secretNames = secrets.map(({ name }) => name);
  const { id: serverId, workspaceId, allowedHosts, sourceServers, slug, mode } = server;
  return { workspaceId, serverId, secretNames, allowedHosts, sourceServers, slug, mode };
}

function toCompilation(server: Server, { text, digest }: NonNullable<Build['compiled']>): store.Compilation {
  return { compiled: text, digest, sourceServers: sourceServersOf(server) };
}

function sourceServersOf({ sourceServers }: Server): string {
  return canonicalJson(sourceServers);
}

/** Must be called while the server is locked: a document that was compiled before may be for outdated settings. */
function refuseOtherSettings(server: Server, { sourceServers }: Pick<store.Compilation, 'sourceServers'>): void {
  if (sourceServers === sourceServersOf(server)) return;
  throw new AppError('conflict', 'The servers of the sources were changed in the meantime; try again');
}

function toDetails(diagnostics: Diagnostic[]) {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return errors.map(({ source, pointer, message }) => ({ path: `${source ?? 'definition'}#${pointer}`, message }));
}
