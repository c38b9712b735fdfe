import { Anchor, Badge, Group, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import type { McpServer } from '../servers/server.ts';
import { type Secret, secretsOf } from './secret.ts';

export function SecretList({ server }: { server: McpServer }) {
  const [page, setPage] = useState(1);
  const secrets = useAnswer<Secret[]>(secretsOf(server), { page, limit: 25 });
  return (
    <WhenAnswered answer={secrets}>
      {({ data }) => (
        <>
          {data.length === 0 ? (
            <NothingYet>This server has no secret yet.</NothingYet>
          ) : (
            <Table.ScrollContainer minWidth={640}>
              <Table highlightOnHover verticalSpacing="sm">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Name</Table.Th>
                    <Table.Th>Hosts</Table.Th>
                    <Table.Th>Version in use</Table.Th>
                    <Table.Th>Last used</Table.Th>
                    <Table.Th>Changed</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>{data.map(toRow)}</Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
          <Pager answer={secrets} page={page} onPage={setPage} />
        </>
      )}
    </WhenAnswered>
  );
}

function toRow({ name, hosts, version, newestVersion, isPinned, lastUsedAt, updatedAt }: Secret) {
  return (
    <Table.Tr key={name}>
      <Table.Td>
        <Anchor component={Link} to={`?secret=${name}`} fw={600} ff="monospace">
          {name}
        </Anchor>
      </Table.Td>
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
          {isPinned ? <Badge variant="light">pinned</Badge> : undefined}
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
