import { Badge } from '@mantine/core';
import { type McpServer, stateOf } from './server.ts';

export function ServerState({ server }: { server: McpServer }) {
  const { label, color } = stateOf(server);
  return (
    <Badge color={color} variant="light">
      {label}
    </Badge>
  );
}
