import { AppError, type Diagnostic } from '@toolplane/contracts';
import type { ListPage } from '@toolplane/service-kit/http';
import { noteToolChange } from '../../catalogue/published-tools.ts';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import {
  type Database,
  isDuplicate,
  refusingDuplicates,
  type Tenant,
  type Transaction,
} from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import type { Quotas } from '../../platform/quotas/quotas.ts';
import type { ConnectorDeployments } from '../../servers/deployments/connector-deployments.ts';
import { deleteServer, getLockedServer, listInstanceServers, type Server } from '../../servers/server-record.ts';
import { getConnector, getConnectorVersion } from '../connectors.ts';
import { homeOf } from './instance-owner.ts';
import { addServer, createSettle, type Settle, toServerDraft, toTarget } from './settle-instance.ts';
import * as store from './store.ts';

export { homeOf, ownerIdOf, toInstancePool } from './instance-owner.ts';
export type { Instance } from './store.ts';
export { countCredentialChange, lockInstance } from './store.ts';

/** An instance with the parts that the principal may see. */
export type ShownInstance = store.Instance & { hasCredentials: boolean; server: Server | undefined };

export type InstanceRequest = {
  connector: string;
  /** Null for all workspaces of the organization; undefined for the principal's own workspace. */
  workspaceId: string | null | undefined;
} & Pick<store.Instance, 'instanceName' | 'description' | 'configuration' | 'authType' | 'isEnabled'>;

/** A descriptor that does not compile for an instance leads to a regular answer: its list of problems is the result. */
export type InstanceResult =
  | { status: 'saved'; instance: ShownInstance; diagnostics: Diagnostic[] }
  | { status: 'rejected'; diagnostics: Diagnostic[] };

/** Connectors that are set up for use, each with a server if the descriptor has tools. */
export type ConnectorInstances = {
  create(principal: Principal, request: InstanceRequest): Promise<InstanceResult>;
  list(principal: Principal, request: store.InstanceList): Promise<ListPage<ShownInstance>>;
  get(principal: Principal, id: string): Promise<ShownInstance>;
  change(principal: Principal, id: string, change: store.InstanceChange): Promise<InstanceResult>;
  remove(principal: Principal, id: string): Promise<void>;
};

/** Other instances may take the same slug concurrently, which requires another try. */
const INSERT_TRIES_MAX = 10;

export function createConnectorInstances(options: {
  database: Database;
  changes: ChangeNotices;
  deployments: ConnectorDeployments;
  quotas: Quotas;
}): ConnectorInstances {
  const { database, changes, deployments, quotas } = options;
  const settle: Settle = createSettle(options);

  async function create(principal: Principal, request: InstanceRequest): Promise<InstanceResult> {
    const workspaceId = toWorkspace(principal, request.workspaceId);
    await quotas.requireRoom('servers', principal.organizationId);
    const version = await database.within(principal, async (tx) => {
      const { activeVersion, slug } = await getConnector(tx, request.connector);
      if (activeVersion === undefined) throw new AppError('conflict', `All versions of ${slug} are deprecated`);
      return getConnectorVersion(tx, activeVersion.id);
    });
    const { instanceName, description, configuration, authType, isEnabled } = request;
    const instance: store.NewInstance = {
      id: newId('coi'),
      organizationId: principal.organizationId,
      workspaceId,
      connectorId: version.connectorId,
      homeWorkspaceId: principal.workspaceId,
      instanceName,
      description,
      configuration,
      authType,
      isEnabled,
    };
    const { enabled, server_name = '', server_description } = version.summary.mcp_config;
    const draft = toServerDraft(principal, server_name);
    const { diagnostics, compilation } = await deployments.compile(draft, version.text, toTarget(instance));
    if (compilation === undefined) return { status: 'rejected', diagnostics };
    const settlement = { versionId: version.id, origins: compilation.origins };
    await insert(principal, instance, async (tx) => {
      if (enabled) await addServer(tx, instance.id, draft, server_description);
      else await store.saveSettlement(tx, instance.id, settlement);
    });
    if (enabled) {
      await runOrRemove(principal, instance.id, () =>
        deployments.run(principal, draft.id, compilation, async (tx) => {
          await store.saveSettlement(tx, instance.id, settlement);
          return true;
        }),
      );
    }
    return { status: 'saved', instance: await get(principal, instance.id), diagnostics };
  }

  async function insert(home: Tenant, instance: store.NewInstance, addRest: (tx: Transaction) => Promise<void>) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await database.within(home, async (tx) => {
          if (await store.isNameTaken(tx, home.workspaceId, instance.instanceName))
            throw new AppError('conflict', NAME_TAKEN);
          await store.insertInstance(tx, instance);
          await addRest(tx);
        });
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        if (tries === INSERT_TRIES_MAX)
          throw new AppError('conflict', 'Other instances are being created at the same time; try again');
      }
    }
  }

  /** Removes an instance completely if its server could not be published. */
  async function runOrRemove(home: Tenant, id: string, run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
    } catch (error) {
      await drop(home, id);
      throw error;
    }
  }

  async function drop(home: Tenant, id: string): Promise<void> {
    const server = await database.within(home, async (tx) => {
      const [server] = await listInstanceServers(tx, [id]);
      if (server !== undefined) await getLockedServer(tx, server.id);
      const instance = orNotFound(await store.lockInstance(tx, id));
      if (server !== undefined) await deleteServer(tx, server);
      await store.deleteInstance(tx, instance);
      return server;
    });
    if (server !== undefined) await changes.notify('server.removed', server.id);
  }

  async function change(principal: Principal, id: string, asked: store.InstanceChange): Promise<InstanceResult> {
    const instance = await database.within(principal, (tx) => getInstance(tx, id));
    refuseForeignChange(principal, instance);
    const settled = await applyChange(homeOf(instance), id, asked).catch(refuseDuplicate);
    if (settled.status === 'rejected') return { status: 'rejected', diagnostics: settled.diagnostics };
    return { status: 'saved', instance: await get(principal, id), diagnostics: settled.diagnostics };
  }

  /** Changes that do not require compiling, above all disabling an instance, also work while the compiler does not. */
  async function applyChange(home: Tenant, id: string, asked: store.InstanceChange) {
    const { instanceName, configuration, authType, isEnabled } = asked;
    if (configuration !== undefined || authType !== undefined || isEnabled === true) return settle(home, id, asked);
    const [server] = await database.within(home, (tx) => listInstanceServers(tx, [id]));
    const save = async (tx: Transaction) => {
      orNotFound(await store.lockInstance(tx, id));
      await store.updateInstance(tx, id, asked);
      // The catalogue and the server's plans contain the name of the instance.
      if (instanceName !== undefined && server !== undefined) {
        await changes.markServerUnpublished(tx, server.id);
        await noteToolChange(tx, server.id);
      }
      return true;
    };
    if (isEnabled === false && server !== undefined) await deployments.stop(home, server.id, { forgets: false }, save);
    else await database.within(home, save);
    if (instanceName !== undefined && server !== undefined) await changes.notify('server.changed', server.id);
    else await changes.notify('tools.changed');
    return { status: 'settled' as const, diagnostics: [] };
  }

  async function get(principal: Principal, id: string): Promise<ShownInstance> {
    const instance = await database.within(principal, (tx) => getInstance(tx, id));
    const [shown] = await show(principal, [instance]);
    return orNotFound(shown);
  }

  /** Servers are visible only in their own workspace, including those of organization instances. */
  async function show(principal: Principal, instances: store.Instance[]): Promise<ShownInstance[]> {
    const ids = instances.map(({ id }) => id);
    const withCredentials = await database.within(principal, (tx) =>
      store.listWithCredentials(tx, ids, principal.workspaceId),
    );
    const servers: Server[] = [];
    for (const home of new Map(instances.map((each) => [each.homeWorkspaceId, homeOf(each)])).values()) {
      servers.push(...(await database.within(home, (tx) => listInstanceServers(tx, ids))));
    }
    const byInstance = new Map(servers.map((server) => [server.connectorInstanceId, server]));
    return instances.map((instance) => ({
      ...instance,
      hasCredentials: withCredentials.has(instance.id),
      server: byInstance.get(instance.id),
    }));
  }

  return {
    create,
    change,
    get,
    async list(principal, request) {
      const { items, total } = await database.within(principal, (tx) => store.listInstances(tx, request));
      return { items: await show(principal, items), total };
    },
    async remove(principal, id) {
      const instance = await database.within(principal, (tx) => getInstance(tx, id));
      refuseForeignChange(principal, instance);
      await drop(homeOf(instance), id);
    },
  };
}

export async function getInstance(tx: Transaction, id: string): Promise<store.Instance> {
  return orNotFound(await store.findInstance(tx, id), 'connector instance');
}

/** The version of the connector that the instance runs. */
export function getRunningVersion(tx: Transaction, { deployedVersionId, activeVersionId }: store.Instance) {
  return getConnectorVersion(tx, orNotFound(deployedVersionId ?? activeVersionId ?? undefined));
}

/** A workspace cannot change an instance that the organization shares. */
function refuseForeignChange({ permissions }: Principal, { workspaceId }: store.Instance): void {
  if (workspaceId === null && !permissions.includes('connectors:write')) throw organizationNeeded();
}

function toWorkspace(principal: Principal, asked: string | null | undefined): string | null {
  const { workspaceId } = principal;
  if (asked !== null)
    return orNotFound([undefined, workspaceId].includes(asked) ? workspaceId : undefined, 'workspace');
  if (!principal.permissions.includes('connectors:write')) throw organizationNeeded();
  return null;
}

function organizationNeeded(): AppError {
  return new AppError(
    'forbidden',
    'Changes to what belongs to the organization require the permission connectors:write',
  );
}

const NAME_TAKEN = 'The workspace already has a connector instance with this name';
const refuseDuplicate = refusingDuplicates(NAME_TAKEN);
