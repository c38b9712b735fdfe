import { type CompiledDocument, compileFlower } from '@toolplane/compiler';
import { AppError, type Diagnostic, type JsonObject } from '@toolplane/contracts';
import type { Page, PageRequest } from '@toolplane/service-kit';
import type { Principal } from '../access/principal.ts';
import type { Database, Transaction } from '../database/database.ts';
import { newId } from '../ids.ts';
import { orNotFound } from '../or-not-found.ts';
import type { Publishing } from '../publishing/publishing.ts';
import { listSecretNames } from '../secrets/secrets.ts';
import { getLockedServer, getServer, type Server } from '../servers/servers.ts';
import * as store from './store.ts';

/** A document with problems is an answer, not a failure of the request: its list of problems is what was asked for. */
export type DeployResult =
  | { status: 'deployed'; deployment: store.Deployment; diagnostics: Diagnostic[] }
  | { status: 'unchanged' }
  | { status: 'rejected'; diagnostics: Diagnostic[] };

export type ToolListing = { name: string; description?: string; inputSchema: JsonObject };

export type Deployments = {
  deploy(principal: Principal, idOrSlug: string, source: store.DeploymentSource): Promise<DeployResult>;
  rollBack(principal: Principal, idOrSlug: string, deploymentId: string): Promise<store.Deployment>;
  list(principal: Principal, idOrSlug: string, page: PageRequest): Promise<Page<store.Deployment>>;
  get(principal: Principal, idOrSlug: string, deploymentId: string): Promise<store.Deployment & store.DeploymentSource>;
  activeTools(principal: Principal, idOrSlug: string): Promise<{ server: Server; tools: ToolListing[] }>;
};

export function createDeployments(options: { database: Database; publishing: Publishing }): Deployments {
  const { database, publishing } = options;

  async function deploy(principal: Principal, idOrSlug: string, source: store.DeploymentSource): Promise<DeployResult> {
    const { server, active, secretNames } = await database.within(principal, async (tx) => {
      const server = await getServer(tx, idOrSlug);
      const active = await store.findActive(tx, server.id);
      return { server, active, secretNames: await listSecretNames(tx, server.id) };
    });
    if (isSame(source, active)) return { status: 'unchanged' };

    const { id: serverId, workspaceId, allowedHosts, slug, mode } = server;
    const { diagnostics, document } = compileFlower(source.definition, {
      ...{ workspaceId, serverId, secretNames, allowedHosts, slug, mode },
    });
    if (document === undefined) return { status: 'rejected', diagnostics };

    const deployment = await save(principal, serverId, source, document);
    return deployment === undefined ? { status: 'unchanged' } : { status: 'deployed', deployment, diagnostics };
  }

  /** Undefined when the same was deployed at the same time. */
  async function save(
    principal: Principal,
    serverId: string,
    source: store.DeploymentSource,
    compiled: CompiledDocument,
  ) {
    const id = newId('dep');
    const { workspaceId } = principal;
    await database.within(principal, (tx) =>
      store.insertDeployment(tx, { id, workspaceId, serverId, ...source, compiled }),
    );
    try {
      return await activate(principal, serverId, id, source);
    } catch (error) {
      await database.within(principal, (tx) => store.failDeployment(tx, id)).catch(() => undefined);
      throw error;
    }
  }

  /** Runs and is published, or neither: without its publication the transaction keeps nothing. */
  async function activate(principal: Principal, serverId: string, id: string, source?: store.DeploymentSource) {
    for (;;) {
      await database.within(principal, (tx) => publishing.reopenServer(tx, serverId));
      const attempt = await database.within(principal, async (tx) => {
        await getLockedServer(tx, serverId);
        // Another change was faster: its publication closed what was opened for this one.
        if (!(await publishing.isOpen(tx, serverId))) return undefined;
        return { deployment: await activateLocked(tx, serverId, id, source) };
      });
      if (attempt !== undefined) return attempt.deployment;
    }
  }

  async function activateLocked(tx: Transaction, serverId: string, id: string, source?: store.DeploymentSource) {
    if (source !== undefined && isSame(source, await store.findActive(tx, serverId))) {
      return void (await store.discardDeployment(tx, id));
    }
    await store.activateDeployment(tx, { serverId, id });
    await publishing.publishServer(tx, serverId);
    return orNotFound(await store.findDeployment(tx, { serverId, id }));
  }

  async function rollBack(principal: Principal, idOrSlug: string, deploymentId: string): Promise<store.Deployment> {
    const deployment = await get(principal, idOrSlug, deploymentId);
    if (deployment.state === 'active') return deployment;
    if (deployment.state === 'deploying') throw new AppError('conflict', 'The deployment has not ended yet');
    return orNotFound(await activate(principal, deployment.serverId, deploymentId));
  }

  function get(principal: Principal, idOrSlug: string, id: string) {
    return database.within(principal, async (tx) => {
      const server = await getServer(tx, idOrSlug);
      return orNotFound(await store.findDeployment(tx, { serverId: server.id, id }));
    });
  }

  return {
    deploy,
    rollBack,
    get,
    list: (principal, idOrSlug, page) =>
      database.within(principal, async (tx) => {
        const server = await getServer(tx, idOrSlug);
        return store.listDeployments(tx, { serverId: server.id, ...page });
      }),
    activeTools: (principal, idOrSlug) =>
      database.within(principal, async (tx) => {
        const server = await getServer(tx, idOrSlug);
        const active = await store.findActive(tx, server.id);
        return { server, tools: (active?.compiled.tools ?? []).map(({ tool }) => toListing(tool)) };
      }),
  };
}

function isSame(source: store.DeploymentSource, active: store.DeploymentSource | undefined): boolean {
  return (
    source.definition === active?.definition && JSON.stringify(source.references) === JSON.stringify(active.references)
  );
}

function toListing({ name, description, inputSchema }: CompiledDocument['tools'][number]['tool']): ToolListing {
  return { name, inputSchema, ...(description !== undefined && { description }) };
}
