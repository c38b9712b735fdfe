import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CompiledDocument } from '@toolplane/compiler';
import type { DebugGrant, Json, Manifest, Plan, Policy } from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';
import { type PlanSettings, toPublishedName, toPublishedPlan } from '../servers/deployments/published-plan.ts';
import type { AttachedPrompt, AttachedResourceTemplate, Attachment } from '../servers/external-servers/attach.ts';
import type { OwnIssuer } from '../servers/own-issuers/own-issuer.ts';
import { showAccount } from '../servers/selected-tools/distinguish-accounts.ts';
import { splitSlug } from '../servers/selected-tools/name-tools.ts';
import type { SelectedTool } from '../servers/selected-tools/selected-tools.ts';
import { toConnectionReport } from './connection-report.ts';
import { toIssuerPlan } from './own-issuer-plan.ts';

/** A server to publish, with the revision that was assigned to it. */
export type PublishableServer = {
  id: string;
  /** Absent for a lent server, because limits count for the server through which it is called. */
  organizationId?: string;
  workspaceId: string;
  slug: string;
  description: string | null;
  isPublic: boolean;
  /** Set if the server belongs to another workspace, and is published as this workspace may use it. */
  isLent?: true;
  allowedHosts: string[];
  /** The name of the connector instance to which the server belongs. */
  instanceName?: string | null;
  revision: number;
  /** The pool whose data planes run the plans of the server. Null for the default pool. */
  pool?: string | null;
  sharesConnections?: boolean;
  /** Absent if the server accepts tokens of the platform. */
  ownIssuer?: OwnIssuer;
  /** Number of changes of shared credentials: of its connector instance, or of those whose tools it selects. */
  toolsetVersion?: number;
  /** Absent in mode NORMAL, and for a stopped server. */
  mode?: 'smart';
  /** The compiled document of the active deployment. */
  compiled: CompiledDocument | undefined;
  /** Tools of other servers that the server offers in addition. Absent if it selects none. */
  selected?: SelectedTool[];
  /** Toolkit of the server's own tools, which policies and the patterns of keys name. */
  toolkit?: string;
  /** The policy of the server, and the policies of other servers whose tools it offers. Absent if none exist. */
  policy?: Policy;
  originPolicies?: Record<string, Policy>;
  /** What the server offers from external servers. Absent if none is attached. */
  external?: Pick<Attachment, 'tools' | 'prompts' | 'resources' | 'resourceTemplates'>;
  /**
   * Absent if no debug session is open. The grant is signed when it is sent, so the document of a publication does not
   * contain it.
   */
  debug?: DebugGrant;
};

export type Publication = { manifest: Manifest; plans: { digest: string; plan: Plan }[] };

/** The result depends only on the input, so publishing again produces the same documents. */
export async function toPublication(server: PublishableServer): Promise<Publication> {
  const { id, organizationId, workspaceId, slug, isPublic, revision, mode, toolsetVersion } = server;
  const { compiled, selected, external, policy, originPolicies } = server;
  const offered = collectPlans(server);
  const report = toConnectionReport(compiled?.tools ?? []);
  const own = server.ownIssuer && toIssuerPlan({ workspaceId, serverId: id }, server.ownIssuer);
  const instructions = compiled?.description ?? server.description;
  const manifest: Manifest = {
    version: 1,
    kind: 'manifest',
    serverId: id,
    slug,
    ...(organizationId === undefined ? {} : { organizationId }),
    workspaceId,
    revision,
    isPublic,
    // In mode SMART, the server offers tools of other servers, and needs none of its own.
    state: (mode ?? compiled ?? selected ?? external) === undefined ? 'stopped' : 'running',
    ...(server.isLent === undefined ? {} : { isLent: server.isLent }),
    ...(mode === undefined ? {} : { mode }),
    ...toPool(server.pool),
    title: compiled?.title ?? slug,
    ...(instructions === null ? {} : { instructions }),
    ...(toolsetVersion === undefined ? {} : { toolsetVersion }),
    ...(server.sharesConnections ? { sharesConnections: true } : {}),
    tools: await listTools(server, offered),
    ...(await listPromptsAndResources(server, offered)),
    ...(policy === undefined ? {} : { policy }),
    ...(originPolicies === undefined ? {} : { originPolicies }),
    ...(report && {
      connection: {
        ...report.connection,
        ...toPublishedName(server.instanceName),
        ...offered.add(report.plan, noHosts(server)),
      },
    }),
    ...(own && { authorization: { ...own.authorization, ...offered.add(own.plan, noHosts(server)) } }),
  };
  return { manifest, plans: offered.plans };
}

/**
 * The plans of a publication, and functions that add a plan and return what the manifest states about it: its digest,
 * and what the edge must know to call it.
 */
type OfferedPlans = ReturnType<typeof collectPlans>;

/** `own` has the settings for the plans of the server itself. */
function collectPlans(own: PlanSettings) {
  const plans: Publication['plans'] = [];
  const add = (compiledPlan: Plan, settings = own): { planDigest: string } => {
    const plan = toPublishedPlan(compiledPlan, settings);
    const digest = digestOf(plan as Json);
    plans.push({ digest, plan });
    return { planDigest: digest };
  };
  const addCallable = (plan: Plan, settings?: PlanSettings) => ({
    ...add(plan, settings),
    ...(usesToken(plan) ? { usesToken: true as const } : {}),
  });
  const addReadable = (plan: Plan) => ({
    ...addCallable(plan),
    ...(usesConfig(plan) ? { usesConfig: true as const } : {}),
  });
  /** Adds the plan that completes arguments at an external server. */
  const addCompletion = (plan: Plan | undefined) =>
    plan === undefined ? {} : { completion: { ...add(plan), deadlineMs: plan.deadlineMs } };
  return { plans, add, addCallable, addReadable, addCompletion };
}

async function listTools(
  { compiled, external, selected, toolkit }: PublishableServer,
  { addCallable }: OfferedPlans,
): Promise<Manifest['tools']> {
  return [
    ...(await mapYielding(compiled?.tools ?? [], ({ tool, plan }) => ({
      ...tool,
      ...addCallable(plan),
      ...(toolkit === undefined ? {} : { toolkit }),
    }))),
    ...(await mapYielding(external?.tools ?? [], ({ tool, plan }) => ({ ...tool, ...addCallable(plan) }))),
    ...(await mapYielding(
      selected ?? [],
      ({ tool, plan, name, slug, serverId, pool, isLent, account, ...settings }) => ({
        ...tool,
        ...(account !== undefined && showAccount(tool, account)),
        name,
        origin: { serverId, name: tool.name, ...toPool(pool), ...(isLent && { isLent }) },
        ...toPlaceInCatalogue(slug),
        ...addCallable(plan, settings),
      }),
    )),
  ];
}

async function listPromptsAndResources(
  { compiled, external }: PublishableServer,
  { addCallable, addReadable, addCompletion }: OfferedPlans,
): Promise<Pick<Manifest, 'prompts' | 'resources' | 'resourceTemplates'>> {
  const prompts: AttachedPrompt[] = [...(compiled?.prompts ?? []), ...(external?.prompts ?? [])];
  const resources = [...(compiled?.resources ?? []), ...(external?.resources ?? [])];
  const resourceTemplates: AttachedResourceTemplate[] = [
    ...(compiled?.resourceTemplates ?? []),
    ...(external?.resourceTemplates ?? []),
  ];
  return {
    ...(prompts.length > 0 && {
      prompts: await mapYielding(prompts, ({ prompt, plan, completionPlan }) => ({
        ...prompt,
        ...addCallable(plan),
        ...addCompletion(completionPlan),
      })),
    }),
    ...(resources.length > 0 && {
      resources: await mapYielding(resources, ({ resource, plan }) => ({ ...resource, ...addReadable(plan) })),
    }),
    ...(resourceTemplates.length > 0 && {
      resourceTemplates: await mapYielding(resourceTemplates, ({ resourceTemplate, plan, completionPlan }) => ({
        ...resourceTemplate,
        ...addReadable(plan),
        ...addCompletion(completionPlan),
      })),
    }),
  };
}

/** Settings for plans whose URLs are fixed, so that no allowed hosts are needed. */
function noHosts({ instanceName }: PublishableServer): PlanSettings {
  return { allowedHosts: [], instanceName };
}

/** For the default pool, the field is absent, so that edges of versions without pools can read the document. */
function toPool(pool: string | null | undefined): { pool?: string } {
  return pool === null || pool === undefined ? {} : { pool };
}

/** The toolkit and the name by which policies and the patterns of keys name the tool. */
function toPlaceInCatalogue(slug: string): { toolkit: string; nameInToolkit: string } {
  const { toolkit, tool } = splitSlug(slug);
  return { toolkit, nameInToolkit: tool };
}

/** Computing the digests of many plans takes a while, so this yields to the event loop in between. */
async function mapYielding<Item, Seen>(items: Item[], see: (item: Item) => Seen): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const item of items) {
    await nextTurn();
    seen.push(see(item));
  }
  return seen;
}

export function toRemovalManifest(removal: {
  serverId: string;
  workspaceId: string;
  slug: string;
  revision: number;
}): Manifest {
  const { serverId, workspaceId, slug, revision } = removal;
  return {
    version: 1,
    kind: 'manifest',
    serverId,
    slug,
    workspaceId,
    revision,
    state: 'deleted',
    isPublic: false,
    title: slug,
    tools: [],
  };
}

/** Whether the requests of a plan carry the caller's token. */
const usesToken = (plan: Plan) => refersTo(plan, 'current_user');

/** Whether the requests of a plan use the caller's `Config-` headers. */
const usesConfig = (plan: Plan) => refersTo(plan, 'config');

/**
 * Searches the JSON text of the plan. Text of the document cannot be mistaken for an expression of the plan, because
 * its quotes are escaped with backslashes.
 */
function refersTo(plan: Plan, root: string): boolean {
  return JSON.stringify(plan).includes(`"path":["${root}"`);
}
