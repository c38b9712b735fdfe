import type { McpServer } from '../servers/server.ts';

export function ConnectTab({ server }: { server: McpServer }) {
  return <p>{server.name}</p>;
}
