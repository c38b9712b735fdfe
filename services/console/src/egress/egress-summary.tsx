import { Code, List, Stack, Text } from '@mantine/core';
import type { HostLists } from './egress-rules.ts';

/** The rules for people who cannot change them. */
export function EgressSummary({ hosts: { allowHosts, denyHosts } }: { hosts: HostLists }) {
  return (
    <Stack gap="xs">
      <Hosts title="Allowed" hosts={allowHosts ?? []} none={allowHosts === null ? 'All hosts' : 'No host'} />
      <Hosts title="Denied" hosts={denyHosts} none="No host" />
    </Stack>
  );
}

function Hosts({ title, hosts, none }: { title: string; hosts: string[]; none: string }) {
  return (
    <div>
      <Text fw={600} size="sm">
        {title}
      </Text>
      {hosts.length === 0 ? <Text size="sm">{none}</Text> : undefined}
      <List size="sm">
        {hosts.map((host) => (
          <List.Item key={host}>
            <Code>{host}</Code>
          </List.Item>
        ))}
      </List>
    </div>
  );
}
