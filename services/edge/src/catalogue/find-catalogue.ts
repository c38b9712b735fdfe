import type { Snapshot } from '@toolplane/bus';
import type { Manifest, Catalogue as Published } from '@toolplane/contracts';
import { LRUCache } from 'lru-cache';
import type { Principal } from '../callers/principal.ts';
import { type CataloguePart, type HostedCatalogue, toCatalogue } from './catalogue.ts';

/** The maximum number of tools in all stored catalogues. A tool takes about three kilobytes of index. */
const TOOLS_MAX = 50_000;

/** Returns the catalogue for a caller. Throws `config_unavailable` if the published state cannot be determined. */
export type FindCatalogue = (principal: Principal, workspaceId: string) => Promise<HostedCatalogue>;

/**
 * Creates a cache of catalogues. A caller with a key may use everything that runs in its workspace or is lent to it, a
 * caller without one everything public. A catalogue is built once for a publication, and again when any part of it
 * changes.
 */
export function createCatalogues(
  snapshot: Pick<Snapshot, 'peekCatalogue' | 'getCatalogue' | 'peekManifest' | 'getManifest'>,
): FindCatalogue {
  const known = new LRUCache<string, { mark: string; catalogue: HostedCatalogue }>({
    maxSize: TOOLS_MAX,
    // A catalogue that exceeds the whole limit is stored alone.
    sizeCalculation: ({ catalogue }) => Math.min(catalogue.tools.size + 1, TOOLS_MAX),
  });

  const underWay = new Map<string, Promise<HostedCatalogue>>();

  async function findParts(principal: Principal, workspaceId: string) {
    const published = snapshot.peekCatalogue(workspaceId) ?? (await snapshot.getCatalogue(workspaceId));
    const found = await Promise.all(
      (published?.toolkits ?? []).map(async (toolkit): Promise<CataloguePart[]> => {
        const { serverId } = toolkit;
        const manifest =
          findLent(published, serverId) ?? snapshot.peekManifest(serverId) ?? (await snapshot.getManifest(serverId));
        return isUsable(manifest, principal, workspaceId) ? [[toolkit, manifest]] : [];
      }),
    );
    const parts = found.flat();
    const revisions = parts.map(([{ serverId }, { revision }]) => `${serverId} ${revision}`);
    return { parts, mark: [published?.revision, ...revisions].join('\n') };
  }

  async function make(id: string, mark: string, parts: CataloguePart[]): Promise<HostedCatalogue> {
    const catalogue = await toCatalogue(parts);
    known.set(id, { mark, catalogue });
    return catalogue;
  }

  return async (principal, workspaceId) => {
    const { parts, mark } = await findParts(principal, workspaceId);
    const id = `${workspaceId} ${principal.kind}`;
    const before = known.get(id);
    if (before?.mark === mark) return before.catalogue;
    const work = `${id}\n${mark}`;
    const making = underWay.get(work) ?? make(id, mark, parts).finally(() => underWay.delete(work));
    underWay.set(work, making);
    return making;
  };
}

/** Returns the manifest of another workspace's server as this workspace may use it. */
export function findLent(catalogue: Published | undefined, serverId: string): Manifest | undefined {
  return catalogue?.lent?.find((manifest) => manifest.serverId === serverId);
}

/** The catalogue is published separately, so it may name servers that have been deleted or stopped since. */
function isUsable(manifest: Manifest | undefined, principal: Principal, workspaceId: string): manifest is Manifest {
  if (manifest?.workspaceId !== workspaceId || manifest.state !== 'running') return false;
  return principal.kind !== 'anonymous' || manifest.isPublic;
}
