import { Anchor, Group, Switch, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { Link } from 'react-router';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Page } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import { NewServer } from './new-server.tsx';
import type { McpServer } from './server.ts';
import { ServerState } from './server-state.tsx';

export function ServersPage() {
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 250);
  const [isArchive, setArchive] = useState(false);
  const [page, setPage] = useState(1);
  const query = { q, page, limit: 25, ...(isArchive ? { archived: 'true' } : {}) };
  const servers = useAnswer<McpServer[]>('/mcp-servers', query);
  const mayWrite = useMay('servers:write');
  const restart = () => setPage(1);
  return (
    <Page
      title="MCP servers"
      about="Each has an endpoint for agents, and the tools that you declare for it."
      actions={mayWrite ? <NewServer /> : undefined}
    >
      <Group>
        <TextInput
          {...{ placeholder: 'Search', value: typed, flex: 1, maw: 360 }}
          aria-label="Search servers"
          onChange={({ currentTarget }) => {
            setTyped(currentTarget.value);
            restart();
          }}
        />
        <Switch
          label="Archived"
          checked={isArchive}
          onChange={({ currentTarget }) => {
            setArchive(currentTarget.checked);
            restart();
          }}
        />
      </Group>
      <WhenAnswered answer={servers}>
        {({ data }) => (
          <>
            {data.length === 0 ? <NoServers isFiltered={q !== '' || isArchive} /> : <ServerTable servers={data} />}
            <Pager answer={servers} page={page} onPage={setPage} />
          </>
        )}
      </WhenAnswered>
    </Page>
  );
}

function NoServers({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <NothingYet>No server matches.</NothingYet>;
  return <NothingYet>There is no server yet. Make one, then deploy a document that declares its tools.</NothingYet>;
}

function ServerTable({ servers }: { servers: McpServer[] }) {
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table highlightOnHover verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Mode</Table.Th>
            <Table.Th>Changed</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {servers.map((server) => (
            <Table.Tr key={server.id}>
              <Table.Td>
                <Anchor component={Link} to={server.id} fw={600}>
                  {server.name}
                </Anchor>
                <Text size="sm" c="dimmed" lineClamp={1}>
                  {server.description}
                </Text>
              </Table.Td>
              <Table.Td>
                <ServerState server={server} />
              </Table.Td>
              <Table.Td>{server.mode === 'SMART' ? 'Smart' : 'Normal'}</Table.Td>
              <Table.Td>
                <Time at={server.updatedAt} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
