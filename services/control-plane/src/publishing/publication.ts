import type { CompiledDocument } from '@toolplane/compiler';
import type { Json, Manifest, Plan } from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';

/** A server as it is to be published, at a revision that was given out for it. */
export type PublishableServer = {
  id: string;
  workspaceId: string;
  slug: string;
  description: string | null;
  isPublic: boolean;
  allowedHosts: string[];
  revision: number;
  /** Of the active deployment. */
  compiled: CompiledDocument | undefined;
};

export type Publication = { manifest: Manifest; plans: { digest: string; plan: Plan }[] };

/** Pure, so that publishing again gives the same documents. */
export function toPublication(server: PublishableServer): Publication {
  const { id, workspaceId, slug, isPublic, revision, compiled } = server;
  const plans: Publication['plans'] = [];
  /** Adds a plan and names it in what the edge sees of it. */
  const publish = <Seen extends object>(seen: Seen, compiledPlan: Plan): Seen & { planDigest: string } => {
    // The list of the server as it is now counts, not the one of the time of the deployment.
    const plan: Plan = { ...compiledPlan, allowedHosts: server.allowedHosts };
    const digest = digestOf(plan as Json);
    plans.push({ digest, plan });
    return { ...seen, planDigest: digest };
  };
  const { prompts, resources, resourceTemplates } = compiled ?? {};
  const instructions = compiled?.description ?? server.description;
  const manifest: Manifest = {
    version: 1,
    kind: 'manifest',
    ...{ serverId: id, slug, workspaceId, revision, isPublic },
    state: compiled === undefined ? 'stopped' : 'running',
    title: compiled?.title ?? slug,
    ...(instructions === null ? {} : { instructions }),
    tools: (compiled?.tools ?? []).map(({ tool, plan }) => publish(tool, plan)),
    ...(prompts && { prompts: prompts.map(({ prompt, plan }) => publish(prompt, plan)) }),
    ...(resources && { resources: resources.map(({ resource, plan }) => publish(resource, plan)) }),
    ...(resourceTemplates && {
      resourceTemplates: resourceTemplates.map(({ resourceTemplate, plan }) => publish(resourceTemplate, plan)),
    }),
  };
  return { manifest, plans };
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
    ...{ serverId, slug, workspaceId, revision },
    state: 'deleted',
    isPublic: false,
    title: slug,
    tools: [],
  };
}
