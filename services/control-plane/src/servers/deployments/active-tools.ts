import type { CompiledDocument } from '@toolplane/compiler';
import { adviseOnListing } from '@toolplane/compiler/advise-on-listing';
import type { Diagnostic, JsonObject, Plan } from '@toolplane/contracts';
import type { Transaction } from '../../platform/database/database.ts';
import { readAttachment } from '../external-servers/attached.ts';
import { type ReportedAttached, reportAttached } from '../external-servers/show-attached.ts';
import { listSecretHosts } from '../secrets/secret-hosts.ts';
import { listMissing, type MissingSecret } from '../secrets/secret-usage.ts';
import { showAccount } from '../selected-tools/distinguish-accounts.ts';
import { readSelection, type SelectionState } from '../selected-tools/selected-tools.ts';
import { getServer, type Server } from '../server-record.ts';
import { toListing } from './advise-on-server.ts';
import * as store from './store.ts';

export type ToolListing = { name: string; description?: string; inputSchema: JsonObject };

/** The tools that a server offers, as clients see them: its own, and those of other and of external servers. */
export type ActiveTools = {
  server: Server;
  tools: ToolListing[];
  selection: SelectionState;
  external: ReportedAttached[];
  missingSecrets: MissingSecret[];
  /** Advice on the names and the number of the tools. */
  diagnostics: Diagnostic[];
};

export async function readActiveTools(tx: Transaction, idOrSlug: string): Promise<ActiveTools> {
  const server = await getServer(tx, idOrSlug);
  // Nobody can call a stopped server, whether it was stopped itself or through its instance.
  const runs = server.state === 'running';
  const active = await store.findActiveCompiled(tx, server.id);
  const compiled = runs ? active : undefined;
  const selection = await readSelection(tx, server);
  const selected = (runs ? selection.offered : []).map(({ name, tool, account }) => {
    const inputSchema = JSON.parse(tool.inputSchema) as JsonObject;
    const texts = account === undefined ? tool : showAccount(tool, account);
    return toToolListing({ name, inputSchema, description: texts.description });
  });
  const attachment = await readAttachment(tx, server, compiled);
  const own = [...(compiled?.tools ?? []), ...(runs ? (attachment?.tools ?? []) : [])];
  return {
    server,
    tools: [...own.map(({ tool }) => toToolListing(tool)), ...selected],
    selection,
    external: await reportAttached(tx, server.id, attachment),
    missingSecrets: listMissing(plansOf(active, attachment), await listSecretHosts(tx, server.id)),
    diagnostics: adviseOnListing(toListing(active, selection, attachment), server),
  };
}

/** `deploymentId` is the id of the running deployment. `plans` includes those of the external servers. */
export type ActivePlans = { deploymentId: string | null; plans: Plan[] };

/** If `declared` is given, it takes the place of the running deployment. */
export async function findActivePlans(
  tx: Transaction,
  serverId: string,
  declared?: CompiledDocument,
): Promise<ActivePlans> {
  const server = await getServer(tx, serverId);
  const compiled = declared ?? (await store.findActiveCompiled(tx, serverId));
  const attachment = await readAttachment(tx, server, compiled);
  return { deploymentId: server.activeDeploymentId, plans: plansOf(compiled, attachment) };
}

/** Yields the plans of the tool of this name in the last deployments, newest first. */
export async function* readEarlierPlans(tx: Transaction, serverId: string, tool: string): AsyncGenerator<Plan> {
  for await (const compiled of store.readCompiledWith(tx, { serverId, tool })) {
    yield* plansOf(JSON.parse(compiled) as CompiledDocument).filter((plan) => plan.tool === tool);
  }
}

type Shown = Pick<CompiledDocument, 'tools' | 'prompts' | 'resources' | 'resourceTemplates'>;

/** The plans of everything that a server shows. */
export function plansOf(...parts: (Shown | undefined)[]): Plan[] {
  return parts
    .filter((part) => part !== undefined)
    .flatMap(({ tools, prompts = [], resources = [], resourceTemplates = [] }) => [
      ...tools,
      ...prompts,
      ...resources,
      ...resourceTemplates,
    ])
    .map(({ plan }) => plan);
}

function toToolListing(
  tool: Omit<ToolListing, 'description'> & { description?: string | null | undefined },
): ToolListing {
  const { name, description, inputSchema } = tool;
  return { name, inputSchema, ...(typeof description === 'string' && { description }) };
}
