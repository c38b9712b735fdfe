import type { McpServer } from '@toolplane/api-client';
import { useAnswer } from '../api/use-api.ts';

/** What clients see of a server, and what is missing for it. */
export function useServerConfig({ id }: McpServer) {
  return useAnswer('/mcp-servers/{id}/config', { path: { id } });
}
