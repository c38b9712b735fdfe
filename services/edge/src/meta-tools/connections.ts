import type { Toolkit } from '../catalogue/catalogue.ts';
import type { Edge } from '../edge.ts';
import type { McpRequest } from '../mcp/mcp-request.ts';
import type { connectionStatuses } from './definitions/manage-connections.ts';

/** How the account of a toolkit stands for one caller. */
export type Connection = {
  status: (typeof connectionStatuses)[number];
  label?: string;
  connect_url?: string;
  /** ISO 8601. */
  expires_at?: string;
  required_fields?: string[];
  message?: string;
};

/** By toolkit. Looks only: nothing is created. */
export async function readConnections(
  _edge: Edge,
  _request: McpRequest,
  toolkits: readonly Toolkit[],
): Promise<ReadonlyMap<string, Connection>> {
  return new Map(toolkits.map((toolkit) => [toolkit.toolkit, connectionOf(toolkit)]));
}

function connectionOf({ usesConnection }: Toolkit): Connection {
  if (!usesConnection) return { status: 'no_auth_required' };
  return { status: 'not_connected', message: 'It is not known whether an account is connected: call a tool to see' };
}
