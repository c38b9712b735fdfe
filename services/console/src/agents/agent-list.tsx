import { Anchor, Group, Select, Table, Text, TextInput } from '@mantine/core';
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
import type { Agent } from './agent.ts';
import { NewAgent } from './new-agent.tsx';

const STATES = [
  { value: '', label: 'In any state' },
  { value: 'true', label: 'Active' },
  { value: 'false', label: 'Deactivated' },
];

export function AgentList() {
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 250);
  const [isActive, setActive] = useState('');
  const [page, setPage] = useState(1);
  const agents = useAnswer<Agent[]>('/agents', { q, isActive, page, limit: 25 });
  const mayWrite = useMay('agents:write');
  return (
    <Page
      title="Agents"
      about="Programs that use tools, each under one name, whichever keys it has. One switch ends all that it may do."
      actions={mayWrite ? <NewAgent /> : undefined}
    >
      <Group>
        <TextInput
          {...{ placeholder: 'Search', value: typed, flex: 1, miw: 160, maw: 360 }}
          aria-label="Search agents"
          onChange={({ currentTarget }) => {
            setTyped(currentTarget.value);
            setPage(1);
          }}
        />
        <Select
          {...{ data: STATES, value: isActive, allowDeselect: false, w: 160 }}
          aria-label="State"
          onChange={(chosen) => {
            setActive(chosen ?? '');
            setPage(1);
          }}
        />
      </Group>
      <WhenAnswered answer={agents}>
        {({ data }) => (
          <>
            {data.length === 0 ? <NoAgents isFiltered={q !== '' || isActive !== ''} /> : <AgentTable agents={data} />}
            <Pager answer={agents} page={page} onPage={setPage} />
          </>
        )}
      </WhenAnswered>
    </Page>
  );
}

function NoAgents({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <NothingYet>No agent matches.</NothingYet>;
  return <NothingYet>There is no agent yet. Make one, then give it an API key or an OAuth client.</NothingYet>;
}

function AgentTable({ agents }: { agents: Agent[] }) {
  return (
    <Table.ScrollContainer minWidth={480}>
      <Table highlightOnHover verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Last seen</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {agents.map((agent) => (
            <Table.Tr key={agent.id}>
              <Table.Td>
                <Anchor component={Link} to={`?agent=${agent.id}`} fw={600}>
                  {agent.name}
                </Anchor>
                <Text size="sm" c="dimmed" lineClamp={1}>
                  {agent.description}
                </Text>
              </Table.Td>
              <Table.Td>
                <ActiveState isActive={agent.isActive} />
              </Table.Td>
              <Table.Td>
                <Time at={agent.lastSeenAt} never="never" />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
