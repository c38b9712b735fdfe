import { Anchor, Group, Table, Text } from '@mantine/core';
import type { McpServer, Secret } from '@toolplane/api-client';
import { Link } from 'react-router';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Time } from '../parts/time.tsx';
import { useList } from '../parts/use-list.ts';

export function SecretList({ server }: { server: McpServer }) {
  const list = useList();
  const secrets = useAnswer('/mcp-servers/{id}/secrets', {
    path: { id: server.id },
    query: { page: list.page, limit: 25 },
  });
  return (
    <WhenAnswered answer={secrets}>
      {({ data }) => (
        <>
          {data.length === 0 ? (
            <NothingYet>This server has no secrets yet.</NothingYet>
          ) : (
            <ListTable
              label="Secrets"
              minWidth={640}
              columns={['Name', 'Hosts', 'Version in use', 'Last used', 'Changed']}
            >
              {data.map(toRow)}
            </ListTable>
          )}
          <Pager answer={secrets} list={list} />
        </>
      )}
    </WhenAnswered>
  );
}

function toRow({ name, hosts, version, newestVersion, isPinned, lastUsedAt, updatedAt }: Secret) {
  return (
    <Table.Tr key={name}>
      <Table.Th scope="row">
        <Anchor component={Link} to={`?secret=${name}`} fw={600} ff="monospace">
          {name}
        </Anchor>
      </Table.Th>
      <Table.Td>
        {hosts.map((host) => (
          <Text key={host} size="sm">
            {host}
          </Text>
        ))}
      </Table.Td>
      <Table.Td>
        <Group gap="xs">
          {version}
          {isPinned ? <StateBadge state={{ label: 'pinned', tone: 'neutral' }} /> : undefined}
          {newestVersion === version ? undefined : (
            <Text size="sm" c="dimmed">
              newest: {newestVersion}
            </Text>
          )}
        </Group>
      </Table.Td>
      <Table.Td>
        <Time at={lastUsedAt} never="never" />
      </Table.Td>
      <Table.Td>
        <Time at={updatedAt} />
      </Table.Td>
    </Table.Tr>
  );
}
