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
  const published = (compiled?.tools ?? []).map(({ tool, plan: compiledPlan }) => {
    // The list of the server as it is now counts, not the one of the time of the deployment.
    const plan: Plan = { ...compiledPlan, allowedHosts: server.allowedHosts };
    const digest = digestOf(plan as Json);
    return { digest, plan, tool: { ...tool, planDigest: digest } };
  });
  const instructions = compiled?.description ?? server.description;
  return {
    plans: published.map(({ digest, plan }) => ({ digest, plan })),
    manifest: {
      version: 1,
      kind: 'manifest',
      ...{ serverId: id, slug, workspaceId, revision, isPublic },
      state: compiled === undefined ? 'stopped' : 'running',
      title: compiled?.title ?? slug,
      ...(instructions === null ? {} : { instructions }),
      tools: published.map(({ tool }) => tool),
    },
  };
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
