import { isDeepStrictEqual } from 'node:util';
import type { ConnectorTarget } from '@toolplane/compiler';
import { AppError, type Diagnostic } from '@toolplane/contracts';
import { type Database, isDuplicate, type Tenant, type Transaction } from '../../platform/database/database.ts';
import { newId } from '../../platform/ids.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { ConnectorDeployments, SaveWith } from '../../servers/deployments/connector-deployments.ts';
import { insertServer, listInstanceServers, listSlugs } from '../../servers/server-record.ts';
import { getConnectorVersion } from '../connectors.ts';
import { ownerIdOf } from './instance-owner.ts';
import { findFreeSlug, toServerSlug } from './server-slug.ts';
import * as store from './store.ts';

/**
 * `rejected` means that the instance does not compile with this version; neither the instance nor what runs was
 * changed.
 */
export type Settled = { diagnostics: Diagnostic[] } & (
  | { status: 'settled' }
  | { status: 'rejected'; versionId: string; version: string }
);

/** Changes an instance together with its deployment, which then uses the active version of its connector. */
export type Settle = (home: Tenant, id: string, change: store.InstanceChange) => Promise<Settled>;

/** A retry is needed only if somebody else changed the instance first. */
const TRIES_MAX = 5;

type Wanted = Pick<
  store.Instance,
  'id' | 'organizationId' | 'workspaceId' | 'homeWorkspaceId' | 'configuration' | 'authType'
>;

export function createSettle(options: { database: Database; deployments: ConnectorDeployments }): Settle {
  const { database, deployments } = options;

  async function tryOnce(home: Tenant, id: string, change: store.InstanceChange): Promise<Settled | undefined> {
    const { instance, server, version } = await database.within(home, async (tx) => {
      const instance = orNotFound(await store.findInstance(tx, id));
      const [server] = await listInstanceServers(tx, [id]);
      const version = await getConnectorVersion(tx, orNotFound(toVersionId(instance)));
      return { instance, server, version };
    });
    const { enabled, server_name = '' } = version.summary.mcp_config;
    const draft = toServerDraft(home, server_name);
    const target = toTarget({ ...instance, ...withoutUndefined(change) });
    const { diagnostics, compilation } = await deployments.compile(server ?? draft, version.text, target);
    if (compilation === undefined) {
      return { status: 'rejected', diagnostics, versionId: version.id, version: version.version };
    }
    const settlement = { versionId: version.id, origins: compilation.origins };
    const save: SaveWith = async (tx) => {
      const current = orNotFound(await store.lockInstance(tx, id));
      if (!compilesTheSame(current, instance)) return false;
      await store.updateInstance(tx, id, change);
      await store.saveSettlement(tx, id, settlement);
      return true;
    };
    let isSettled: boolean;
    if (enabled) {
      if (server === undefined) {
        await database.within(home, (tx) => addServer(tx, id, draft, version.summary.mcp_config.server_description));
      }
      isSettled = await deployments.run(home, server?.id ?? draft.id, compilation, save);
    } else if (server === undefined) {
      isSettled = await database.within(home, save);
    } else {
      // The server's address is kept, in case a later version offers tools again.
      isSettled = await deployments.stop(home, server.id, { forgets: true }, save);
    }
    return isSettled ? { status: 'settled', diagnostics } : undefined;
  }

  return async (home, id, change) => {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const settled = await tryOnce(home, id, change).catch((error) => {
        // Somebody else has created the server of this instance, or one with the same slug.
        if (isDuplicate(error) && change.instanceName === undefined) return undefined;
        throw error;
      });
      if (settled !== undefined) return settled;
    }
    throw new AppError('conflict', 'Somebody else changed the instance in the meantime; try again');
  };
}

/** An instance keeps its version if all versions are deprecated. */
function toVersionId(instance: store.Instance): string | undefined {
  return instance.activeVersionId ?? instance.deployedVersionId ?? undefined;
}

export function toTarget({ id, authType, configuration, ...owner }: Wanted): ConnectorTarget {
  return { ownerId: ownerIdOf(owner), instanceId: id, authentication: authType, configuration };
}

/** A server that does not exist yet. */
export function toServerDraft({ workspaceId }: Tenant, serverName: string) {
  return { id: newId('srv'), workspaceId, slug: toServerSlug(serverName), mode: 'NORMAL' as const };
}

export async function addServer(
  tx: Transaction,
  instanceId: string,
  draft: ReturnType<typeof toServerDraft>,
  description: string | undefined,
): Promise<void> {
  const slug = findFreeSlug(draft.slug, await listSlugs(tx, draft.slug.slice(0, SLUG_STEM)));
  const settings = {
    description: description ?? null,
    isPublic: false,
    allowedHosts: [],
    sourceServers: {},
    selectedTools: [],
  };
  await insertServer(tx, { ...draft, ...settings, slug, connectorInstanceId: instanceId });
}

/** The length of the part of a slug that is always kept, because a number may replace the last characters. */
const SLUG_STEM = 55;

function compilesTheSame(a: store.Instance, b: store.Instance): boolean {
  const partsOf = ({ configuration, authType, isEnabled, activeVersionId }: store.Instance) => {
    return { configuration, authType, isEnabled, activeVersionId };
  };
  return isDeepStrictEqual(partsOf(a), partsOf(b));
}

function withoutUndefined({ configuration, authType }: store.InstanceChange) {
  return { ...(configuration !== undefined && { configuration }), ...(authType !== undefined && { authType }) };
}
