import { Code, Group, Text } from '@mantine/core';
import type { Approval } from '@toolplane/api-client';
import { useServerNames } from '../parts/names.ts';

/** The call that somebody wants to make, and why it needs an approval. */
export function HeldCall({ approval: { tool, serverId, rule, argumentNames } }: { approval: Approval }) {
  const servers = useServerNames();
  return (
    <div>
      <Text size="sm" fw={600}>
        {tool}
      </Text>
      <Text size="xs" c="dimmed">
        {servers.get(serverId) ?? serverId}, rule {rule}
      </Text>
      <Group gap={4} mt={4}>
        <Text size="xs">{argumentNames.length === 0 ? 'Without arguments' : 'With arguments'}</Text>
        {argumentNames.map((name) => (
          <Code key={name}>{name}</Code>
        ))}
      </Group>
    </div>
  );
}
