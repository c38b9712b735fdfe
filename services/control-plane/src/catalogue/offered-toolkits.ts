import type { CatalogueToolkit } from '@toolplane/contracts';
import type { Transaction } from '../database/database.ts';
import { listOfferedToolkits, type OfferedToolkit } from './store.ts';

/** What workspaces offer through their own servers, as in their published catalogues. */
export async function readOfferedToolkits(
  tx: Transaction,
  workspaceIds: string[],
): Promise<Map<string, CatalogueToolkit[]>> {
  const offered = Map.groupBy(await listOfferedToolkits(tx, workspaceIds), ({ workspaceId }) => workspaceId);
  return new Map(workspaceIds.map((id) => [id, (offered.get(id) ?? []).map(toToolkit)]));
}

function toToolkit({
  serverId,
  toolkit,
  isExternal,
  serverSlug,
  instanceName,
  name,
  categories,
  tags,
}: OfferedToolkit) {
  // People search for a connector by its purpose; a document describes itself completely in its manifest.
  const words = [instanceName, ...(categories ?? []), ...(tags ?? [])].filter((word) => word !== null);
  const synonyms = [...new Set(words)];
  return {
    serverId,
    toolkit,
    name: isExternal ? toolkit : (name ?? serverSlug),
    ...(synonyms.length > 0 && { synonyms }),
  };
}
