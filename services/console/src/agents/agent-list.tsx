import { Anchor, Group, Select, Table, Text } from '@mantine/core';
import type { Agent } from '@toolplane/api-client';
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
import { NewAgent } from './new-agent.tsx';

const STATES = [
  { value: '', label: 'In any state' },
  { value: 'true', label: 'Active' },
  { value: 'false', label: 'Deactivated' },
] as const;

export function AgentList() {
  const list = useList();
  const { q, page } = list;
  const isActive = list.chosen(
    'isActive',
    STATES.map(({ value }) => value),
  );
  const agents = useAnswer('/agents', {
    query: { q, isActive: isActive === '' ? undefined : isActive === 'true', page, limit: 25 },
  });
  const mayWrite = useMay('agents:write');
  return (
    <Page
      title="Agents"
      about="Programs that use tools, each under one name, whichever keys it has. Deactivating an agent ends all of its access."
      actions={mayWrite ? <NewAgent /> : undefined}
    >
      <Group>
        <SearchField label="Search agents" list={list} />
        <Select
          data={STATES}
          value={isActive}
          allowDeselect={false}
          w={160}
          aria-label="State"
          onChange={(chosen) => list.choose('isActive', chosen)}
        />
      </Group>
      <WhenAnswered answer={agents}>
        {({ data }) => (
          <>
            {data.length === 0 ? <NoAgents isFiltered={q !== '' || isActive !== ''} /> : <AgentTable agents={data} />}
            <Pager answer={agents} list={list} />
          </>
        )}
      </WhenAnswered>
    </Page>
  );
}

function NoAgents({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <NothingYet>No agent matches.</NothingYet>;
  return <NothingYet>There are no agents yet. Create one, then give it an API key or an OAuth client.</NothingYet>;
}

function AgentTable({ agents }: { agents: Agent[] }) {
  return (
    <ListTable label="Agents" minWidth={480} columns={['Name', 'State', 'Last seen']}>
      {agents.map((agent) => (
        <Table.Tr key={agent.id}>
          <Table.Th scope="row">
            <Anchor component={Link} to={`?agent=${agent.id}`} fw={600}>
              {agent.name}
            </Anchor>
            <Text size="sm" c="dimmed" lineClamp={1}>
              {agent.description}
            </Text>
          </Table.Th>
          <Table.Td>
            <StateBadge state={toActivity(agent.isActive)} />
          </Table.Td>
          <Table.Td>
            <Time at={agent.lastSeenAt} never="never" />
          </Table.Td>
        </Table.Tr>
      ))}
    </ListTable>
  );
}
