import type { McpServer } from '../servers/server.ts';

export function DeploymentsTab({ server }: { server: McpServer }) {
  return <p>{server.name}</p>;
}
