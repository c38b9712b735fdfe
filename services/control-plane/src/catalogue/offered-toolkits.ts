import type { CatalogueToolkit } from '@toolplane/contracts';
import type { Transaction } from '../database/database.ts';
import { listOfferedToolkits, type OfferedToolkit } from './store.ts';

/** What workspaces offer through their own servers, as their published catalogues have it. */
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
  // A connector is looked for by what it is for; a document says all of itself in its manifest.
  const words = [instanceName, ...(categories ?? []), ...(tags ?? [])].filter((word) => word !== null);
  const synonyms = [...new Set(words)];
  return {
    serverId,
    toolkit,
    name: isExternal ? toolkit : (name ?? serverSlug),
    ...(synonyms.length > 0 && { synonyms }),
  };
}
