import { Anchor, Badge, Group, Select, Stack, Table, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { Link } from 'react-router';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import type { Connector } from './connector.ts';

const CATEGORIES = ['database', 'file_storage', 'saas', 'messaging', 'analytics', 'custom'].map((value) => ({
  value,
  label: value.replace('_', ' '),
}));

export function ConnectorList() {
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 250);
  const [category, setCategory] = useState('');
  const [page, setPage] = useState(1);
  const connectors = useAnswer<Connector[]>('/connectors', { q, category, page, limit: 25 });
  return (
    <Stack>
      <Group>
        <TextInput
          {...{ placeholder: 'Search', value: typed, flex: 1, maw: 360 }}
          aria-label="Search connectors"
          onChange={({ currentTarget }) => {
            setTyped(currentTarget.value);
            setPage(1);
          }}
        />
        <Select
          {...{ placeholder: 'All categories', data: CATEGORIES, value: category || null, clearable: true }}
          aria-label="Category"
          onChange={(chosen) => {
            setCategory(chosen ?? '');
            setPage(1);
          }}
        />
      </Group>
      <WhenAnswered answer={connectors}>
        {({ data }) => (
          <>
            {data.length === 0 ? (
              <NothingYet>
                {q === '' && category === '' ? 'No connector is registered yet.' : 'No connector matches.'}
              </NothingYet>
            ) : (
              <ConnectorTable connectors={data} />
            )}
            <Pager answer={connectors} page={page} onPage={setPage} />
          </>
        )}
      </WhenAnswered>
    </Stack>
  );
}

function ConnectorTable({ connectors }: { connectors: Connector[] }) {
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table highlightOnHover verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Slug</Table.Th>
            <Table.Th>Active version</Table.Th>
            <Table.Th>Categories</Table.Th>
            <Table.Th>Tools</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {connectors.map(({ slug, name, description, active_version, categories, tools_count }) => (
            <Table.Tr key={slug}>
              <Table.Td>
                <Anchor component={Link} to={slug} fw={600}>
                  {name}
                </Anchor>
                <Text size="sm" c="dimmed" lineClamp={1}>
                  {description}
                </Text>
              </Table.Td>
              <Table.Td>{slug}</Table.Td>
              <Table.Td>
                {active_version ?? (
                  <Badge color="gray" variant="light">
                    deprecated
                  </Badge>
                )}
              </Table.Td>
              <Table.Td>{categories.map((each) => each.replace('_', ' ')).join(', ')}</Table.Td>
              <Table.Td>{tools_count}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
