import { Anchor, Group, Select, Table, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { Link } from 'react-router';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { ActiveState } from '../parts/active-state.tsx';
import { WhenAnswered } from '../parts/answers.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Page } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import { type ExternalUser, toOrigin } from './external-user.ts';
import { NewExternalUser } from './new-external-user.tsx';
import { UnknownUsers } from './unknown-users.tsx';

const SOURCES = [
  { value: '', label: 'From anywhere' },
  { value: 'mcp', label: 'Named by a call' },
  { value: 'api', label: 'Made here' },
];
const STATES = [
  { value: '', label: 'In any state' },
  { value: 'true', label: 'Active' },
  { value: 'false', label: 'Deactivated' },
];

export function ExternalUserList() {
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 250);
  const [chosen, setChosen] = useState({ source: '', isActive: '' });
  const [page, setPage] = useState(1);
  const users = useAnswer<ExternalUser[]>('/external-users', { q, ...chosen, page, limit: 25 });
  const mayWrite = useMay('servers:write');
  const choose = (more: Partial<typeof chosen>) => {
    setChosen({ ...chosen, ...more });
    setPage(1);
  };
  const isFiltered = q !== '' || chosen.source !== '' || chosen.isActive !== '';
  return (
    <Page
      title="External users"
      about="Those in whose name agents call tools, as they name them in x-username. They have no account here."
      actions={mayWrite ? <NewExternalUser /> : undefined}
    >
      <UnknownUsers />
      <Group>
        <TextInput
          {...{ placeholder: 'Search', value: typed, flex: 1, miw: 160, maw: 360 }}
          aria-label="Search users"
          onChange={({ currentTarget }) => {
            setTyped(currentTarget.value);
            setPage(1);
          }}
        />
        <Select
          {...{ data: SOURCES, value: chosen.source, allowDeselect: false, w: 180 }}
          aria-label="Source"
          onChange={(source) => choose({ source: source ?? '' })}
        />
        <Select
          {...{ data: STATES, value: chosen.isActive, allowDeselect: false, w: 160 }}
          aria-label="State"
          onChange={(isActive) => choose({ isActive: isActive ?? '' })}
        />
      </Group>
      <WhenAnswered answer={users}>
        {({ data }) => (
          <>
            {data.length === 0 ? <NoUsers isFiltered={isFiltered} /> : <UserTable users={data} />}
            <Pager answer={users} page={page} onPage={setPage} />
          </>
        )}
      </WhenAnswered>
    </Page>
  );
}

function NoUsers({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <NothingYet>No user matches.</NothingYet>;
  return <NothingYet>No call has named a user yet.</NothingYet>;
}

function UserTable({ users }: { users: ExternalUser[] }) {
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table highlightOnHover verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Known since</Table.Th>
            <Table.Th>Last seen</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {users.map((user) => (
            <Table.Tr key={user.id}>
              <Table.Td>
                <Anchor component={Link} to={`?user=${user.id}`} fw={600}>
                  {user.username}
                </Anchor>
              </Table.Td>
              <Table.Td>
                <ActiveState isActive={user.isActive} />
              </Table.Td>
              <Table.Td>
                <Time at={user.createdAt} />, {toOrigin(user)}
              </Table.Td>
              <Table.Td>
                <Time at={user.lastSeenAt} never="never" />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
