import type { CatalogueToolkit } from '@toolplane/contracts';
import type { Transaction } from '../platform/database/database.ts';
import { toDisplayName } from '../platform/display-name.ts';
import { listOfferedToolkits, type OfferedToolkit } from './store.ts';

/** The toolkits that workspaces offer through their own servers, as in their published catalogues. */
export async function readOfferedToolkits(
  tx: Transaction,
  workspaceIds: string[],
): Promise<Map<string, CatalogueToolkit[]>> {
  const toolkits = (await listOfferedToolkits(tx, workspaceIds)).map(({ instanceName, ...toolkit }) => ({
    ...toolkit,
    instanceName: toDisplayName(instanceName) ?? null,
  }));
  const offered = Map.groupBy(toolkits, ({ workspaceId }) => workspaceId);
  return new Map(workspaceIds.map((id) => [id, distinguishToolkits(offered.get(id) ?? []).map(toToolkit)]));
}

/**
 * If a connector has several instances, such as accounts for tests and for real work, the name of the instance
 * distinguishes them.
 */
function distinguishToolkits(toolkits: OfferedToolkit[]): OfferedToolkit[] {
  const ofConnector = Map.groupBy(toolkits, ({ name }) => name);
  return toolkits.map((toolkit) => {
    const { name, instanceName } = toolkit;
    const isOnly = name === null || instanceName === null || ofConnector.get(name)?.length === 1;
    return isOnly ? toolkit : { ...toolkit, name: `${name}: ${instanceName}` };
  });
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
  // People search for a connector by its purpose, so its categories and tags become synonyms; a document describes
  // itself completely in its manifest.
  const words = [instanceName, ...(categories ?? []), ...(tags ?? [])].filter((word) => word !== null);
  const synonyms = [...new Set(words)];
  return {
    serverId,
    toolkit,
    name: isExternal ? toolkit : (name ?? serverSlug),
    ...(synonyms.length > 0 && { synonyms }),
  };
}
