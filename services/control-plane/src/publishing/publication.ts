import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CompiledDocument } from '@toolplane/compiler';
import type { DebugGrant, Json, Manifest, Plan, Policy } from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';
import type { AttachedPrompt, AttachedResourceTemplate, Attachment } from '../external-servers/attach.ts';
import type { OwnIssuer } from '../own-issuers/own-issuer.ts';
import { splitSlug } from '../selected-tools/name-tools.ts';
import type { SelectedTool } from '../selected-tools/selected-tools.ts';
import { toConnectionReport } from './connection-report.ts';
import { toIssuerPlan } from './own-issuer-plan.ts';
import { usesConfig, usesToken } from './uses-caller.ts';

/** A server as it is to be published, at a revision that was given out for it. */
export type PublishableServer = {
  id: string;
  workspaceId: string;
  slug: string;
  description: string | null;
  isPublic: boolean;
  allowedHosts: string[];
  revision: number;
  /** Whose data planes run its plans; null: the default pool. */
  pool?: string | null;
  sharesConnections?: boolean;
  /** Absent: it takes the tokens of the platform. */
  ownIssuer?: OwnIssuer;
  /** Counts the changes of shared credentials: of its connector's instance, or of those whose tools it selects. */
  toolsetVersion?: number;
  /** Absent in mode NORMAL, and for one that is stopped. */
  mode?: 'smart';
  /** Of the active deployment. */
  compiled: CompiledDocument | undefined;
  /** Tools of other servers that it offers besides. Absent: it selects none. */
  selected?: SelectedTool[];
  /** Of its own tools: policies, and the patterns of keys, name them by it. */
  toolkit?: string;
  /** Who may call which of its tools, and which of those of other servers. Absent: there are none. */
  policy?: Policy;
  originPolicies?: Record<string, Policy>;
  /** Of external servers. Absent: it has none attached. */
  external?: Pick<Attachment, 'tools' | 'prompts' | 'resources' | 'resourceTemplates'>;
  /** Absent: nobody debugs it. It is signed on its way, so the document of a publication is without it. */
  debug?: DebugGrant;
};

export type Publication = { manifest: Manifest; plans: { digest: string; plan: Plan }[] };

/** Of nothing but what is given, so that publishing again gives the same documents. */
export async function toPublication(server: PublishableServer): Promise<Publication> {
  const { id, workspaceId, slug, isPublic, revision, mode, toolsetVersion } = server;
  const { compiled, selected, external, toolkit, policy, originPolicies } = server;
  const plans: Publication['plans'] = [];
  /** Adds a plan and gives its name for what the edge sees of it. */
  const publish = (compiledPlan: Plan, allowedHosts = server.allowedHosts): { planDigest: string } => {
    // The list of the server as it is now counts, not the one of the time of the deployment.
    const plan: Plan = { ...compiledPlan, allowedHosts };
    const digest = digestOf(plan as Json);
    plans.push({ digest, plan });
    return { planDigest: digest };
  };
  /** What the edge has to know to call it besides. */
  const publishCallable = (plan: Plan, allowedHosts?: string[]) => ({
    ...publish(plan, allowedHosts),
    ...(usesToken(plan) ? { usesToken: true as const } : {}),
  });
  /** What others may be given of it, besides. */
  const publishReadable = (plan: Plan) => ({
    ...publishCallable(plan),
    ...(usesConfig(plan) ? { usesConfig: true as const } : {}),
  });
  /** The plan that completes arguments, of an external server. */
  const publishCompletion = (plan: Plan | undefined) =>
    plan === undefined ? {} : { completion: { ...publish(plan), deadlineMs: plan.deadlineMs } };
  const prompts: AttachedPrompt[] = [...(compiled?.prompts ?? []), ...(external?.prompts ?? [])];
  const resources = [...(compiled?.resources ?? []), ...(external?.resources ?? [])];
  const resourceTemplates: AttachedResourceTemplate[] = [
    ...(compiled?.resourceTemplates ?? []),
    ...(external?.resourceTemplates ?? []),
  ];
  const report = toConnectionReport(compiled?.tools ?? []);
  const own = server.ownIssuer && toIssuerPlan({ workspaceId, serverId: id }, server.ownIssuer);
  const instructions = compiled?.description ?? server.description;
  const manifest: Manifest = {
    version: 1,
    kind: 'manifest',
    serverId: id,
    slug,
    workspaceId,
    revision,
    isPublic,
    // In mode SMART it offers what others have, and needs nothing of its own.
    state: (mode ?? compiled ?? selected ?? external) === undefined ? 'stopped' : 'running',
    ...(mode === undefined ? {} : { mode }),
    ...toPool(server.pool),
    title: compiled?.title ?? slug,
    ...(instructions === null ? {} : { instructions }),
    ...(toolsetVersion === undefined ? {} : { toolsetVersion }),
    ...(server.sharesConnections ? { sharesConnections: true } : {}),
    tools: [
      ...(await inTurns(compiled?.tools ?? [], ({ tool, plan }) => ({
        ...tool,
        ...publishCallable(plan),
        ...(toolkit === undefined ? {} : { toolkit }),
      }))),
      ...(await inTurns(external?.tools ?? [], ({ tool, plan }) => ({ ...tool, ...publishCallable(plan) }))),
      ...(await inTurns(selected ?? [], ({ tool, plan, name, slug, serverId, pool, allowedHosts }) => ({
        ...tool,
        name,
        origin: { serverId, name: tool.name, ...toPool(pool) },
        ...toPlaceInCatalogue(slug),
        ...publishCallable(plan, allowedHosts),
      }))),
    ],
    ...(prompts.length > 0 && {
      prompts: await inTurns(prompts, ({ prompt, plan, completionPlan }) => ({
        ...prompt,
        ...publishCallable(plan),
        ...publishCompletion(completionPlan),
      })),
    }),
    ...(resources.length > 0 && {
      resources: await inTurns(resources, ({ resource, plan }) => ({ ...resource, ...publishReadable(plan) })),
    }),
    ...(resourceTemplates.length > 0 && {
      resourceTemplates: await inTurns(resourceTemplates, ({ resourceTemplate, plan, completionPlan }) => ({
        ...resourceTemplate,
        ...publishReadable(plan),
        ...publishCompletion(completionPlan),
      })),
    }),
    ...(policy === undefined ? {} : { policy }),
    ...(originPolicies === undefined ? {} : { originPolicies }),
    ...(report && { connection: { ...report.connection, ...publish(report.plan, []) } }),
    ...(own && { authorization: { ...own.authorization, ...publish(own.plan, []) } }),
  };
  return { manifest, plans };
}

/** What is of no pool says nothing of pools, so that edges of before there were any can read it. */
function toPool(pool: string | null | undefined): { pool?: string } {
  return pool === null || pool === undefined ? {} : { pool };
}

/** Policies and the patterns of keys name tools by it. */
function toPlaceInCatalogue(slug: string): { toolkit: string; nameInToolkit: string } {
  const { toolkit, tool } = splitSlug(slug);
  return { toolkit, nameInToolkit: tool };
}

/** The digests of many plans take a while, so others have their turn between them. */
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
