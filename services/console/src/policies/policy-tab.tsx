import type { McpServer } from '../servers/server.ts';

export function PolicyTab({ server }: { server: McpServer }) {
  return <p>{server.name}</p>;
}
