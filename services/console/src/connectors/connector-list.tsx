import { Anchor, Group, Select, Stack, Table, Text } from '@mantine/core';
import type { Connector } from '@toolplane/api-client';
import { Link } from 'react-router';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { useList } from '../parts/use-list.ts';
import { DEPRECATED } from './connector.ts';

const CATEGORIES = (['database', 'file_storage', 'saas', 'messaging', 'analytics', 'custom'] as const).map((value) => ({
  value,
  label: value.replace('_', ' '),
}));

export function ConnectorList() {
  const list = useList();
  const { q, page } = list;
  const category = list.chosen('category', ['', ...CATEGORIES.map(({ value }) => value)]);
  const connectors = useAnswer('/connectors', { query: { q, category: category || undefined, page, limit: 25 } });
  return (
    <Stack>
      <Group>
        <SearchField label="Search connectors" list={list} />
        <Select
          placeholder="All categories"
          data={CATEGORIES}
          value={category || null}
          clearable
          aria-label="Category"
          onChange={(chosen) => list.choose('category', chosen)}
        />
      </Group>
      <WhenAnswered answer={connectors}>
        {({ data }) => (
          <>
            {data.length === 0 ? (
              <NothingYet>
                {q === '' && category === '' ? 'No connectors are registered yet.' : 'No connector matches.'}
              </NothingYet>
            ) : (
              <ConnectorTable connectors={data} />
            )}
            <Pager answer={connectors} list={list} />
          </>
        )}
      </WhenAnswered>
    </Stack>
  );
}

function ConnectorTable({ connectors }: { connectors: Connector[] }) {
  return (
    <ListTable label="Connectors" minWidth={640} columns={['Name', 'Slug', 'Active version', 'Categories', 'Tools']}>
      {connectors.map(({ slug, name, description, active_version, categories, tools_count }) => (
        <Table.Tr key={slug}>
          <Table.Th scope="row">
            <Anchor component={Link} to={slug} fw={600}>
              {name}
            </Anchor>
            <Text size="sm" c="dimmed" lineClamp={1}>
              {description}
            </Text>
          </Table.Th>
          <Table.Td>{slug}</Table.Td>
          <Table.Td>{active_version ?? <StateBadge state={DEPRECATED} />}</Table.Td>
          <Table.Td>{categories.map((each) => each.replace('_', ' ')).join(', ')}</Table.Td>
          <Table.Td>{tools_count}</Table.Td>
        </Table.Tr>
      ))}
    </ListTable>
  );
}
