import { Anchor, Group, Select, Table } from '@mantine/core';
import type { ExternalUser } from '@toolplane/api-client';
import { Link } from 'react-router';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Page } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { toActivity } from '../parts/state.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { Time } from '../parts/time.tsx';
import { useList } from '../parts/use-list.ts';
import { toOrigin } from './external-user.ts';
import { NewExternalUser } from './new-external-user.tsx';
import { UnknownUsers } from './unknown-users.tsx';

const SOURCES = [
  { value: '', label: 'From any source' },
  { value: 'mcp', label: 'Connected or approved' },
  { value: 'api', label: 'Created here' },
] as const;
const ORDERS = [
  { value: 'lastSeenAt', label: 'Last seen first' },
  { value: 'createdAt', label: 'Newest first' },
] as const;
const STATES = [
  { value: '', label: 'In any state' },
  { value: 'true', label: 'Active' },
  { value: 'false', label: 'Deactivated' },
] as const;

export function ExternalUserList() {
  const list = useList();
  const { q, page } = list;
  const toValue = <Value extends string>({ value }: { value: Value }) => value;
  const chosen = {
    source: list.chosen('source', SOURCES.map(toValue)),
    isActive: list.chosen('isActive', STATES.map(toValue)),
  };
  const sortBy = list.chosen('sortBy', ORDERS.map(toValue));
  const source = chosen.source || undefined;
  const isActive = chosen.isActive === '' ? undefined : chosen.isActive === 'true';
  const users = useAnswer('/external-users', { query: { q, source, isActive, sortBy, page, limit: 25 } });
  const mayWrite = useMay('servers:write');
  const isFiltered = q !== '' || chosen.source !== '' || chosen.isActive !== '';
  return (
    <Page
      title="External users"
      about="The users in whose names agents call tools, as named in x-username. They have no account here."
      actions={mayWrite ? <NewExternalUser /> : undefined}
    >
      <UnknownUsers />
      <Group>
        <SearchField label="Search users" list={list} />
        <Select
          data={SOURCES}
          value={chosen.source}
          allowDeselect={false}
          w={180}
          aria-label="Source"
          onChange={(source) => list.choose('source', source)}
        />
        <Select
          data={STATES}
          value={chosen.isActive}
          allowDeselect={false}
          w={160}
          aria-label="State"
          onChange={(isActive) => list.choose('isActive', isActive)}
        />
        <Select
          data={ORDERS}
          value={sortBy}
          allowDeselect={false}
          w={160}
          aria-label="Order"
          onChange={(order) => list.choose('sortBy', order)}
        />
      </Group>
      <WhenAnswered answer={users}>
        {({ data }) => (
          <>
            {data.length === 0 ? <NoUsers isFiltered={isFiltered} /> : <UserTable users={data} />}
            <Pager answer={users} list={list} />
          </>
        )}
      </WhenAnswered>
    </Page>
  );
}

function NoUsers({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <NothingYet>No user matches.</NothingYet>;
  return <NothingYet>No user has connected yet. Names that calls use without credentials are not kept.</NothingYet>;
}

function UserTable({ users }: { users: ExternalUser[] }) {
  return (
    <ListTable label="External users" minWidth={560} columns={['Name', 'State', 'Known since', 'Last seen']}>
      {users.map((user) => (
        <Table.Tr key={user.id}>
          <Table.Th scope="row">
            <Anchor component={Link} to={`?user=${user.id}`} fw={600}>
              {user.username}
            </Anchor>
          </Table.Th>
          <Table.Td>
            <StateBadge state={toActivity(user.isActive)} />
          </Table.Td>
          <Table.Td>
            <Time at={user.createdAt} />, {toOrigin(user)}
          </Table.Td>
          <Table.Td>
            <Time at={user.lastSeenAt} never="never" />
          </Table.Td>
        </Table.Tr>
      ))}
    </ListTable>
  );
}
