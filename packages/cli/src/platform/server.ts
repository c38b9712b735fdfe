import { z } from 'zod';
import { type Api, pathTo } from './api.ts';

/** The part of `McpServer` of the API that is used. */
export const serverSchema = z.looseObject({
  id: z.string(),
  slug: z.string(),
  /** Of its MCP endpoint. */
  url: z.string(),
  /** `stopped` also of one without a deployment. */
  state: z.string(),
  isStopped: z.boolean(),
  mode: z.string(),
  /** Of the data planes that run its calls; `null`: the default one. */
  pool: z.string().nullable(),
});
export type McpServer = z.infer<typeof serverSchema>;

/** By name or id. */
export async function getServer(api: Api, server: string): Promise<McpServer> {
  return (await api('GET', pathTo('mcp-servers', server), serverSchema)).data;
}

/** What people call its state. */
export function stateOf({ state, isStopped }: McpServer): string {
  return isStopped ? 'stopped' : state;
}
