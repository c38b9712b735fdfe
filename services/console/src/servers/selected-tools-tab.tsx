import type { McpServer } from './server.ts';

export function SelectedToolsTab({ server }: { server: McpServer }) {
  return <p>{server.name}</p>;
}
