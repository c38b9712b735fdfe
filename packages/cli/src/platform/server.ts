import { z } from 'zod';
import { dataOf, listAll, type PlatformApi } from './api.ts';

export const serverSchema = z.looseObject({
  id: z.string(),
  slug: z.string(),
  /** The URL of the MCP endpoint. */
  url: z.string(),
  /** A server without a deployment is also `stopped`. */
  state: z.string(),
  isStopped: z.boolean(),
  mode: z.string(),
  /** The pool of data planes that run its calls. `null` is the default pool. */
  pool: z.string().nullable(),
});
export type McpServer = z.infer<typeof serverSchema>;

export function listServers(api: PlatformApi): Promise<McpServer[]> {
  return listAll(api, serverSchema, (query) => api.GET('/mcp-servers', { params: { query } }));
}

/** Finds a server by name or id. */
export async function getServer(api: PlatformApi, server: string): Promise<McpServer> {
  return dataOf(api, serverSchema, await api.GET('/mcp-servers/{id}', { params: { path: { id: server } } }));
}

/** The state in the words that people use. */
export function stateOf({ state, isStopped }: McpServer): string {
  return isStopped ? 'stopped' : state;
}
