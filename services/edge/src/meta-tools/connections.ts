import type { McpRequest } from '../calls/mcp-request.ts';
import { runConcurrently } from '../calls/run-concurrently.ts';
import type { Toolkit } from '../catalogue/catalogue.ts';
import type { LinkParts } from '../connections/connect-link.ts';
import { type ConnectionRequest, type ManagedConnection, manageConnection } from '../connections/manage-connection.ts';

/** The state of a toolkit's account for one caller. */
export type ToolkitConnection = ManagedConnection;

/** Returns the connections by toolkit. Creates nothing unless requested. */
export async function readConnections(
  edge: LinkParts,
  request: McpRequest,
  toolkits: readonly Toolkit[],
  connectionRequest: ConnectionRequest = { mode: 'status' },
): Promise<ReadonlyMap<string, ToolkitConnection>> {
  const connections = new Map<string, ToolkitConnection>(toolkits.map(({ toolkit }) => [toolkit, none]));
  const connected = toolkits.filter(({ usesConnection }) => usesConnection);
  await runConcurrently(connected, async ({ toolkit, server }) => {
    connections.set(toolkit, await manageConnection(edge, request, server, connectionRequest));
  });
  return connections;
}

const none: ToolkitConnection = { status: 'no_auth_required' };
