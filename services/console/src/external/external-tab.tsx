import type { McpServer } from '../servers/server.ts';

export function ExternalTab({ server }: { server: McpServer }) {
  return <p>{server.name}</p>;
}
