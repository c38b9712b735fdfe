import type { CompiledDocument, ConnectorTarget } from '@toolplane/compiler';
import type { Diagnostic, Plan } from '@toolplane/contracts';
import { removeTools } from '../../catalogue/published-tools.ts';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import type { Database, Tenant, Transaction } from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';
import type { Documents } from '../documents/documents.ts';
import { getLockedServer, type Server } from '../server-record.ts';
import { createActivation, insertAndActivate } from './activation.ts';
import * as store from './store.ts';

/** The server of the deployment; it may not exist yet. */
export type ConnectorServer = Pick<Server, 'id' | 'workspaceId' | 'slug' | 'mode'>;

export type ConnectorCompilation = {
  definition: string;
  compiled: string;
  document: CompiledDocument;
  digest: string;
  /** The origins that the tools call, as far as they are known before a call. */
  origins: string[];
  connectionTest?: Plan;
};

/** Resolves to false if the input of the compilation has changed in the meantime; then nothing is saved. */
export type SaveWith = (tx: Transaction) => Promise<boolean>;

/** Deployments of descriptors to the servers of connector instances. Callers have already checked the permissions. */
export type ConnectorDeployments = {
  /** Compiles the descriptor without saving anything. */
  compile(
    server: ConnectorServer,
    definition: string,
    connector: ConnectorTarget,
  ): Promise<{ diagnostics: Diagnostic[]; compilation?: ConnectorCompilation }>;
  /**
   * Activates the compilation, even if it is already running, together with what `saveWith` saves. Resolves to false if
   * `saveWith` does.
   */
  run(tenant: Tenant, serverId: string, made: ConnectorCompilation, saveWith: SaveWith): Promise<boolean>;
  /**
   * Stops the server, which offers nothing from then on. If `forgets` is true, its deployment is kept only as history.
   */
  stop(tenant: Tenant, serverId: string, options: { forgets: boolean }, saveWith: SaveWith): Promise<boolean>;
};

export function createConnectorDeployments(options: {
  database: Database;
  changes: ChangeNotices;
  documents: Pick<Documents, 'rebuild'>;
}): ConnectorDeployments {
  const { database, changes, documents } = options;
  const activate = createActivation({ database, changes });

  return {
    async compile(server, definition, connector) {
      const { id: serverId, workspaceId, slug, mode } = server;
      const settings = { workspaceId, serverId, slug, mode, connector, secretNames: [], allowedHosts: [] };
      const { diagnostics, compiled } = await documents.rebuild({ definition, references: [] }, settings);
      if (compiled === undefined) return { diagnostics };
      const noTools = findNoTools(diagnostics, compiled.toolsCount);
      if (noTools !== undefined) return { diagnostics: [noTools, ...diagnostics] };
      const { text, document, digest, origins, connectionTest } = compiled;
      const made = { definition, compiled: text, document, digest, origins };
      return { diagnostics, compilation: { ...made, ...(connectionTest && { connectionTest }) } };
    },

    async run(tenant, serverId, { definition, compiled, document, digest }, saveWith) {
      const id = newId('dep');
      const { workspaceId } = tenant;
      const made = { definition, compiled, digest, references: [], sourceServers: '{}' };
      const deployment = { id, workspaceId, serverId, ...made };
      const activated = await insertAndActivate({ database, activate }, tenant, deployment, async (tx) => {
        const isKept = await saveWith(tx);
        const same = isKept ? await store.findActiveId(tx, serverId, digest) : undefined;
        if (!isKept || same !== undefined) await store.discardDeployment(tx, id);
        return isKept ? { id: same ?? id, document } : undefined;
      });
      return activated !== undefined;
    },

    async stop(tenant, serverId, { forgets }, saveWith) {
      const isKept = await database.within(tenant, async (tx) => {
        await getLockedServer(tx, serverId);
        if (!(await saveWith(tx))) return false;
        if (forgets) await store.deactivate(tx, serverId);
        await removeTools(tx, serverId);
        await changes.markServerUnpublished(tx, serverId);
        return true;
      });
      if (isKept) await changes.notify('server.changed', serverId);
      return isKept;
    },
  };
}

/** An instance without any tool is probably a mistake: its authentication excludes every operation. */
function findNoTools(diagnostics: readonly Diagnostic[], toolsCount: number): Diagnostic | undefined {
  const leftOut = diagnostics.find(({ code }) => code === 'operation_left_out');
  if (leftOut === undefined || toolsCount > 0) return undefined;
  const message = "No tool is left: none of the operations uses this instance's authentication";
  const hint = 'Give the instance an auth_type that its tools need.';
  return { ...leftOut, severity: 'error', code: 'no_tools_left', message, hint };
}
