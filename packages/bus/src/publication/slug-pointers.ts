import type { Manifest } from '@toolplane/contracts';
import { LRUCache } from 'lru-cache';
import { type DocumentCache, type DocumentLookup, unavailable } from './document-cache.ts';

export type SlugPointers = {
  /** For the hot path: returns the manifest if it is in memory and fresh. */
  peek(workspaceId: string, slug: string): Manifest | undefined;
  /** Resolves with undefined if no server has this slug. Throws `config_unavailable` if that cannot be determined. */
  get(workspaceId: string, slug: string): Promise<Manifest | undefined>;
};

/**
 * Finds the server that a slug leads to. Pointers in Redis are unsigned, so a server has a slug only if its own
 * manifest says so. For the same reason, a pointer is kept without an expiry: it is as good as the manifest behind it,
 * and is read again when that manifest says something else.
 */
export function createSlugPointers(
  manifests: Pick<DocumentCache<Manifest>, 'peek' | 'get'>,
  lookUp: (workspaceId: string, slug: string) => Promise<DocumentLookup>,
  entriesMax: number,
): SlugPointers {
  const serverIds = new LRUCache<string, string>({ max: entriesMax });

  async function read(workspaceId: string, slug: string): Promise<string | undefined> {
    const { text, isComplete } = await lookUp(workspaceId, slug).catch((cause: unknown) => {
      throw unavailable(cause);
    });
    if (text === null && !isComplete) throw unavailable();
    return text ?? undefined;
  }

  return {
    peek(workspaceId, slug) {
      const serverId = serverIds.get(toId(workspaceId, slug));
      return serverId === undefined ? undefined : ifOf(manifests.peek(serverId), workspaceId, slug);
    },
    async get(workspaceId, slug) {
      const id = toId(workspaceId, slug);
      const known = serverIds.get(id);
      const manifest = known === undefined ? undefined : ifOf(await manifests.get(known), workspaceId, slug);
      if (manifest !== undefined) return manifest;
      const serverId = await read(workspaceId, slug);
      const found = serverId === undefined ? undefined : ifOf(await manifests.get(serverId), workspaceId, slug);
      if (serverId === undefined || found === undefined) serverIds.delete(id);
      else serverIds.set(id, serverId);
      return found;
    },
  };
}

/** No slug contains a colon. */
function toId(workspaceId: string, slug: string): string {
  return `${slug}:${workspaceId}`;
}

/** A deleted server no longer has its slug: another one may take it. */
function ifOf(manifest: Manifest | undefined, workspaceId: string, slug: string): Manifest | undefined {
  const isOf = manifest?.slug === slug && manifest.workspaceId === workspaceId && manifest.state !== 'deleted';
  return isOf ? manifest : undefined;
}
