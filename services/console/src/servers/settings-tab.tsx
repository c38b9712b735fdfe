import type { McpServer } from '../servers/server.ts';

export function SettingsTab({ server }: { server: McpServer }) {
  return <p>{server.name}</p>;
}
