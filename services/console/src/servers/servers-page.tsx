import { Anchor, Group, Switch, Table, Text } from '@mantine/core';
import type { McpServer } from '@toolplane/api-client';
import { Link } from 'react-router';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Page } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Time } from '../parts/time.tsx';
import { useList } from '../parts/use-list.ts';
import { NewServer } from './new-server.tsx';
import { MODES, stateOf } from './server.ts';

export function ServersPage() {
  const list = useList();
  const { q, page } = list;
  const isArchived = list.chosen('isArchived', ['', 'true']);
  const query = { q, page, limit: 25, isArchived: isArchived === 'true' ? true : undefined };
  const servers = useAnswer('/mcp-servers', { query });
  const mayWrite = useMay('servers:write');
  return (
    <Page
      title="MCP servers"
      about="Each server has an endpoint for agents, and the tools that you declare for it."
      actions={mayWrite ? <NewServer /> : undefined}
    >
      <Group>
        <SearchField label="Search servers" list={list} />
        <Switch
          label="Archived"
          checked={isArchived === 'true'}
          onChange={({ currentTarget }) => list.choose('isArchived', currentTarget.checked ? 'true' : '')}
        />
      </Group>
      <WhenAnswered answer={servers}>
        {({ data }) => (
          <>
            {data.length === 0 ? (
              <NoServers isFiltered={q !== '' || isArchived !== ''} />
            ) : (
              <ServerTable servers={data} />
            )}
            <Pager answer={servers} list={list} />
          </>
        )}
      </WhenAnswered>
    </Page>
  );
}

function NoServers({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <NothingYet>No server matches.</NothingYet>;
  return <NothingYet>There are no servers yet. Create one, then deploy a document that declares its tools.</NothingYet>;
}

function ServerTable({ servers }: { servers: McpServer[] }) {
  return (
    <ListTable label="MCP servers" minWidth={560} columns={['Name', 'State', 'Mode', 'Changed']}>
      {servers.map((server) => (
        <Table.Tr key={server.id}>
          <Table.Th scope="row">
            <Anchor component={Link} to={server.id} fw={600}>
              {server.name}
            </Anchor>
            <Text size="sm" c="dimmed" lineClamp={1}>
              {server.description}
            </Text>
          </Table.Th>
          <Table.Td>
            <StateBadge state={stateOf(server)} />
          </Table.Td>
          <Table.Td>{MODES[server.mode]}</Table.Td>
          <Table.Td>
            <Time at={server.updatedAt} />
          </Table.Td>
        </Table.Tr>
      ))}
    </ListTable>
  );
}
