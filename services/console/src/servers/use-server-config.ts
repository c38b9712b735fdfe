import { useAnswer } from '../api/use-api.ts';
import type { McpServer, ServerConfig } from './server.ts';

/** What clients see of a server, and what is missing for it. */
export function useServerConfig({ id }: McpServer) {
  return useAnswer<ServerConfig>(`/mcp-servers/${id}/config`);
}
