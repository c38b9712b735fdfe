import type { McpServer } from '../servers/server.ts';

export function ToolsTab({ server }: { server: McpServer }) {
  return <p>{server.name}</p>;
}
