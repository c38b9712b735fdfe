import type { ConnectorCategory } from '@toolplane/compiler/connector-vocabulary';
import type { JsonObject } from '@toolplane/contracts';
import type { ListPage } from '@toolplane/service-kit/http';
import type { Database } from '../platform/database/database.ts';
import type { Principal } from '../platform/principals/principal.ts';
import type { ConnectorSummary } from './connector-summary.ts';
import * as store from './store.ts';

/** Whether the tools have the connection that they need: shared credentials, for callers who have none of their own. */
export const connections = ['active', 'not_connected', 'not_required'] as const;
export type ToolConnection = (typeof connections)[number];

export type ListedTool = {
  /** The slug has the form `<toolkit>.<tool>`. */
  slug: string;
  name: string;
  title: string | null;
  description: string | null;
  toolkit: string;
  isReadOnly: boolean;
  isUnreviewed: boolean;
  connection: ToolConnection;
  server: ListedServer | null;
  inputSchema?: JsonObject;
};

export type ListedToolkit = {
  slug: string;
  name: string;
  description: string | null;
  kind: 'connector' | 'workflow' | 'external';
  version?: string;
  categories: ConnectorCategory[];
  toolsCount: number;
  connection: ToolConnection;
  instance?: { id: string; name: string; connector: string };
  /** Null if the server is in another workspace; then only keys of that workspace can call it at its own address. */
  server: ListedServer | null;
  sla?: ConnectorSummary['sla'];
};

type ListedServer = { id: string; slug: string };

export type ToolListRequest = {
  page: number;
  limit: number;
  q: string | undefined;
  toolkit: string | undefined;
  isReadOnly: boolean | undefined;
  connection: ToolConnection | undefined;
  withSchemas: boolean;
};

export type ToolkitListRequest = {
  page: number;
  limit: number;
  q: string | undefined;
  kind: ListedToolkit['kind'] | undefined;
  category: ConnectorCategory | undefined;
};

/**
 * The tools that a workspace can use: those of its own servers, and those of the organization's connector instances.
 */
export type CatalogueListings = {
  listTools(principal: Principal, request: ToolListRequest): Promise<ListPage<ListedTool>>;
  listToolkits(principal: Principal, request: ToolkitListRequest): Promise<ListPage<ListedToolkit>>;
};

/** A toolkit with the fields that answers leave out. */
type FoundToolkit = Omit<ListedToolkit, 'sla'> & { serverId: string; versionId?: string };

export function createCatalogue({ database }: { database: Database }): CatalogueListings {
  /** Returns toolkits sorted by slug. There are few enough to process them together: one for each server. */
  async function readToolkits(principal: Principal): Promise<FoundToolkit[]> {
    const { organizationId, workspaceId } = principal;
    const { groups, instances, connectedIds } = await database.within(principal, async (tx) => ({
      groups: await store.listToolGroups(tx),
      instances: await store.listInstances(tx),
      connectedIds: await store.listConnectedIds(tx, workspaceId),
    }));
    // A server is visible only in its own workspace, even if it belongs to an organization instance.
    const homes = new Set([workspaceId, ...instances.map(({ homeWorkspaceId }) => homeWorkspaceId)]);
    const groupsById = Map.groupBy(groups, ({ serverId }) => serverId);
    const instancesById = new Map(instances.map((instance) => [instance.id, instance]));
    const toolkits: FoundToolkit[] = [];
    for (const home of homes) {
      const tenant = { organizationId, workspaceId: home };
      const servers = await database.within(tenant, (tx) => store.listServers(tx, [...groupsById.keys()]));
      for (const { id, slug, description, connectorInstanceId } of servers) {
        const instance = instancesById.get(connectorInstanceId ?? '');
        const server = home === workspaceId ? { id, slug } : null;
        for (const { kind, toolkit, toolsCount } of groupsById.get(id) ?? []) {
          const found = { serverId: id, slug: toolkit, kind, toolsCount, server };
          if (kind === 'external') toolkits.push({ ...found, ...toExternalParts(toolkit) });
          else if (instance === undefined) toolkits.push({ ...found, ...unconnected, name: slug, description });
          else toolkits.push({ ...found, ...toParts(instance), connection: toConnection(instance, connectedIds) });
        }
      }
    }
    return toolkits.toSorted((a, b) => (a.slug < b.slug ? -1 : 1));
  }

  return {
    async listTools(principal, { toolkit, connection, ...request }) {
      const toolkits = (await readToolkits(principal)).filter(
        (found) =>
          (toolkit === undefined || found.slug === toolkit) &&
          (connection === undefined || found.connection === connection),
      );
      const origins = new Map(toolkits.map((found) => [found.slug, found]));
      const { items, total } = await database.within(principal, (tx) =>
        store.searchTools(tx, { ...request, toolkits: [...origins.keys()] }),
      );
      const toTool = ({ toolkit, inputSchema, ...tool }: store.CatalogueMatch): ListedTool[] => {
        const origin = origins.get(toolkit);
        if (origin === undefined) return [];
        const { slug, server } = origin;
        const schema = inputSchema === null ? {} : { inputSchema: JSON.parse(inputSchema) as JsonObject };
        return [{ ...tool, ...schema, toolkit: slug, connection: origin.connection, server }];
      };
      return { items: items.flatMap(toTool), total };
    },

    async listToolkits(principal, { q, kind, category, page, limit }) {
      const found = (await readToolkits(principal)).filter(
        (toolkit) =>
          (kind === undefined || toolkit.kind === kind) &&
          (category === undefined || toolkit.categories.includes(category)) &&
          (q === undefined || mentions(toolkit, q)),
      );
      const shown = found.slice((page - 1) * limit, page * limit);
      const versionIds = shown.flatMap(({ versionId }) => versionId ?? []);
      const summaries = await database.within(principal, (tx) => store.readSummaries(tx, versionIds));
      return { items: shown.map((toolkit) => withSla(toolkit, summaries)), total: found.length };
    },
  };
}

function toParts({ id, instanceName, connector, deployedVersion }: store.ToolkitInstance) {
  const { id: versionId, name = '', description = null, version, categories = [] } = deployedVersion ?? {};
  return {
    instance: { id, name: instanceName, connector: connector.slug },
    name,
    description,
    categories: categories as ConnectorCategory[],
    ...(versionId === undefined ? {} : { versionId }),
    ...(version === undefined ? {} : { version }),
  };
}

const unconnected = { categories: [], connection: 'not_required' as const };

/** The description that an external server gives of itself is not shown as if a member had written it. */
function toExternalParts(toolkit: string) {
  return { ...unconnected, name: toolkit, description: null };
}

function toConnection({ id, authType }: store.ToolkitInstance, connectedIds: ReadonlySet<string>): ToolConnection {
  if (authType === 'none') return 'not_required';
  return connectedIds.has(id) ? 'active' : 'not_connected';
}

function mentions({ slug, name, description, instance }: FoundToolkit, q: string): boolean {
  const texts = [slug, name, description ?? '', instance?.name ?? '', instance?.connector ?? ''];
  return texts.some((text) => text.toLowerCase().includes(q.toLowerCase()));
}

function withSla(
  { versionId = '', serverId: _, ...toolkit }: FoundToolkit,
  summaries: Map<string, string>,
): ListedToolkit {
  const summary = summaries.get(versionId);
  if (summary === undefined) return toolkit;
  const { sla } = JSON.parse(summary) as ConnectorSummary;
  return { ...toolkit, ...(sla === undefined ? {} : { sla }) };
}
