import type { McpServer } from '@toolplane/api-client';

export function secretsOf(server: McpServer): string {
  return `/mcp-servers/${server.id}/secrets`;
}
