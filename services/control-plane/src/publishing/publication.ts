import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CompiledDocument } from '@toolplane/compiler';
import type { DebugGrant, Json, Manifest, Plan, Policy } from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';
import type { AttachedPrompt, AttachedResourceTemplate, Attachment } from '../external-servers/attach.ts';
import type { OwnIssuer } from '../own-issuers/own-issuer.ts';
import { splitSlug } from '../selected-tools/name-tools.ts';
import type { SelectedTool } from '../selected-tools/selected-tools.ts';
import { showAccount } from '../selected-tools/tell-apart.ts';
import { toConnectionReport } from './connection-report.ts';
import { toIssuerPlan } from './own-issuer-plan.ts';
import { type PlanSettings, toPublishedName, toPublishedPlan } from './published-plan.ts';
import { usesConfig, usesToken } from './uses-caller.ts';

/** A server to publish, at a revision that was assigned to it. */
export type PublishableServer = {
  id: string;
  /** Absent for a lent server: limits count for the server through which it is called. */
  organizationId?: string;
  workspaceId: string;
  slug: string;
  description: string | null;
  isPublic: boolean;
  /** It is another workspace's, published as this workspace may use it. */
  isLent?: true;
  allowedHosts: string[];
  /** Of the connector instance whose server it is. */
  instanceName?: string | null;
  revision: number;
  /** The pool whose data planes run its plans; null: the default pool. */
  pool?: string | null;
  sharesConnections?: boolean;
  /** Absent: it accepts tokens of the platform. */
  ownIssuer?: OwnIssuer;
  /** Number of changes of shared credentials: of its connector instance, or of those whose tools it selects. */
  toolsetVersion?: number;
  /** Absent in mode NORMAL, and for a stopped server. */
  mode?: 'smart';
  /** Of the active deployment. */
  compiled: CompiledDocument | undefined;
  /** Tools of other servers that it offers in addition. Absent: it selects none. */
  selected?: SelectedTool[];
  /** Toolkit of its own tools: policies, and the patterns of keys, use it. */
  toolkit?: string;
  /** The policies of the server and of other servers whose tools it offers. Absent: there are none. */
  policy?: Policy;
  originPolicies?: Record<string, Policy>;
  /** Of external servers. Absent: it has none attached. */
  external?: Pick<Attachment, 'tools' | 'prompts' | 'resources' | 'resourceTemplates'>;
  /**
   * Absent: there is no debug session. It is signed when it is sent, so the document of a publication does not contain
   * it.
   */
  debug?: DebugGrant;
};

export type Publication = { manifest: Manifest; plans: { digest: string; plan: Plan }[] };

/** Depends only on its input, so that publishing again gives the same documents. */
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
    // In mode SMART it offers tools of others, and needs none of its own.
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

/** The plans of a publication, and what the manifest says of each: its name, and what the edge must know to call it. */
type OfferedPlans = ReturnType<typeof collectPlans>;

/** `own`: what applies to plans of the server itself. */
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
  /** The plan that completes arguments at an external server. */
  const addCompletion = (plan: Plan | undefined) =>
    plan === undefined ? {} : { completion: { ...add(plan), deadlineMs: plan.deadlineMs } };
  return { plans, add, addCallable, addReadable, addCompletion };
}

async function listTools(
  { compiled, external, selected, toolkit }: PublishableServer,
  { addCallable }: OfferedPlans,
): Promise<Manifest['tools']> {
  return [
    ...(await inTurns(compiled?.tools ?? [], ({ tool, plan }) => ({
      ...tool,
      ...addCallable(plan),
      ...(toolkit === undefined ? {} : { toolkit }),
    }))),
    ...(await inTurns(external?.tools ?? [], ({ tool, plan }) => ({ ...tool, ...addCallable(plan) }))),
    ...(await inTurns(selected ?? [], ({ tool, plan, name, slug, serverId, pool, isLent, account, ...settings }) => ({
      ...tool,
      ...(account !== undefined && showAccount(tool, account)),
      name,
      origin: { serverId, name: tool.name, ...toPool(pool), ...(isLent && { isLent }) },
      ...toPlaceInCatalogue(slug),
      ...addCallable(plan, settings),
    }))),
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
      prompts: await inTurns(prompts, ({ prompt, plan, completionPlan }) => ({
        ...prompt,
        ...addCallable(plan),
        ...addCompletion(completionPlan),
      })),
    }),
    ...(resources.length > 0 && {
      resources: await inTurns(resources, ({ resource, plan }) => ({ ...resource, ...addReadable(plan) })),
    }),
    ...(resourceTemplates.length > 0 && {
      resourceTemplates: await inTurns(resourceTemplates, ({ resourceTemplate, plan, completionPlan }) => ({
        ...resourceTemplate,
        ...addReadable(plan),
        ...addCompletion(completionPlan),
      })),
    }),
  };
}

/** Their URLs are fixed. */
function noHosts({ instanceName }: PublishableServer): PlanSettings {
  return { allowedHosts: [], instanceName };
}

/** For the default pool, the field is absent, so that edges from before pools existed can read the document. */
function toPool(pool: string | null | undefined): { pool?: string } {
  return pool === null || pool === undefined ? {} : { pool };
}

/** Policies and the patterns of keys name tools by it. */
function toPlaceInCatalogue(slug: string): { toolkit: string; nameInToolkit: string } {
  const { toolkit, tool } = splitSlug(slug);
  return { toolkit, nameInToolkit: tool };
}

/** Computing the digests of many plans takes a while, so other work runs in between. */
async function inTurns<Item, Seen>(items: Item[], see: (item: Item) => Seen): Promise<Seen[]> {
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
