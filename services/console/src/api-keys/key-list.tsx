import { Anchor, Table, Text } from '@mantine/core';
import type { ApiKey } from '@toolplane/api-client';
import { Link } from 'react-router';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Time } from '../parts/time.tsx';
import { useList } from '../parts/use-list.ts';
import { stateOf, toBounds } from './api-key.ts';

export function KeyList() {
  const list = useList();
  const keys = useAnswer('/api-keys', { query: { page: list.page, limit: 25 } });
  return (
    <WhenAnswered answer={keys}>
      {({ data }) => (
        <>
          {data.length === 0 ? <NothingYet>There are no keys yet.</NothingYet> : <KeyTable keys={data} />}
          <Pager answer={keys} list={list} />
        </>
      )}
    </WhenAnswered>
  );
}

function KeyTable({ keys }: { keys: ApiKey[] }) {
  return (
    <ListTable
      label="API keys"
      minWidth={760}
      columns={['Name', 'State', 'Permissions', 'Restrictions', 'Last used', 'Expires']}
    >
      {keys.map((key) => (
        <Table.Tr key={key.id}>
          <Table.Th scope="row">
            <Anchor component={Link} to={`?key=${key.id}`} fw={600}>
              {key.name}
            </Anchor>
            <Text size="sm" c="dimmed" ff="monospace" style={{ whiteSpace: 'nowrap' }}>
              {key.prefix}
            </Text>
          </Table.Th>
          <Table.Td>
            <StateBadge state={stateOf(key)} />
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
    </ListTable>
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
