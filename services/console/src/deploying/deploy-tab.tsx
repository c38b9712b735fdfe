import type { McpServer } from '../servers/server.ts';

export function DeployTab({ server }: { server: McpServer }) {
  return <p>{server.name}</p>;
}
