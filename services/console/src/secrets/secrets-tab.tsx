import type { McpServer } from '../servers/server.ts';

export function SecretsTab({ server }: { server: McpServer }) {
  return <p>{server.name}</p>;
}
