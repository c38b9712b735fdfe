import { Anchor, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import { type ApiKey, toBounds } from './api-key.ts';
import { KeyState } from './key-state.tsx';

export function KeyList() {
  const [page, setPage] = useState(1);
  const keys = useAnswer<ApiKey[]>('/api-keys', { page, limit: 25 });
  return (
    <WhenAnswered answer={keys}>
      {({ data }) => (
        <>
          {data.length === 0 ? <NothingYet>There is no key yet.</NothingYet> : <KeyTable keys={data} />}
          <Pager answer={keys} page={page} onPage={setPage} />
        </>
      )}
    </WhenAnswered>
  );
}

function KeyTable({ keys }: { keys: ApiKey[] }) {
  return (
    <Table.ScrollContainer minWidth={760}>
      <Table highlightOnHover verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Permissions</Table.Th>
            <Table.Th>Bounds</Table.Th>
            <Table.Th>Last used</Table.Th>
            <Table.Th>Expires</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map((key) => (
            <Table.Tr key={key.id}>
              <Table.Td>
                <Anchor component={Link} to={`?key=${key.id}`} fw={600}>
                  {key.name}
                </Anchor>
                <Text size="sm" c="dimmed" ff="monospace" style={{ whiteSpace: 'nowrap' }}>
                  {key.prefix}
                </Text>
              </Table.Td>
              <Table.Td>
                <KeyState of={key} />
              </Table.Td>
              <Table.Td>{inShort(key.permissions)}</Table.Td>
              <Table.Td>{toBounds(key)}</Table.Td>
              <Table.Td>
                <Time at={key.lastUsedAt} never="never" />
              </Table.Td>
              <Table.Td>
                <Time at={key.expiresAt} never="never" />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function inShort(permissions: string[]): string {
  if (permissions.length === 0) return 'none';
  const [first, second, ...more] = permissions;
  return (
    [first, second].filter((name) => name !== undefined).join(', ') +
    (more.length > 0 ? ` and ${more.length} more` : '')
  );
}
