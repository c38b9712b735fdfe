import { succeeded } from '@toolplane/contracts';
import { requireScopes } from '../callers/scopes.ts';
import { manageConnectionsDefinition } from '../manifests/meta-tools/manage-connections.ts';
import { readConnections, type ToolkitConnection } from './connections.ts';
import type { MetaTool } from './meta-tool.ts';
import { nearestToolkits } from './unknown-names.ts';

type Arguments = { toolkits: string[]; mode: 'status' | 'connect'; reconnect: boolean };

/** `manage_connections`: reports or changes the state of the accounts that toolkits need, for this caller. */
export const manageConnections: MetaTool<Arguments> = {
  definition: manageConnectionsDefinition,
  async run({ edge, request, catalogue, callArguments }) {
    const { mode, reconnect } = callArguments;
    if (mode === 'connect') requireScopes(request.principal, manageConnectionsDefinition);
    const toolkits = [...new Set(callArguments.toolkits)];
    const known = toolkits.flatMap((toolkit) => catalogue.toolkits.get(toolkit) ?? []);
    const connections = await readConnections(edge, request, known, { mode, reconnect });
    const results = toolkits.map((toolkit): [string, ToolkitConnection] => [
      toolkit,
      connections.get(toolkit) ?? { status: 'failed', message: nearestToolkits(catalogue, toolkit) },
    ]);
    return { outcome: succeeded({ results: Object.fromEntries(results) }) };
  },
};
