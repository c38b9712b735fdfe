import { Alert, Code, Group, Select, Stack, Table, Text, Title } from '@mantine/core';
import type { ConnectorDifference } from '@toolplane/api-client';
import { useState } from 'react';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { StateBadge } from '../parts/state-badge.tsx';

/** `versions` are sorted in descending order, and there are at least two. */
export function VersionDifference({ slug, versions }: { slug: string; versions: string[] }) {
  const [from, setFrom] = useState(versions[1] ?? '');
  const [to, setTo] = useState(versions[0] ?? '');
  const difference = useAnswer('/connectors/{slug}/diff', { path: { slug }, query: { from, to } });
  return (
    <section>
      <Title order={2} size="h4" mb="xs">
        What differs
      </Title>
      <Stack>
        <Group>
          <Select
            label="From"
            data={versions}
            value={from}
            allowDeselect={false}
            onChange={(chosen) => setFrom(chosen ?? from)}
          />
          <Select
            label="To"
            data={versions}
            value={to}
            allowDeselect={false}
            onChange={(chosen) => setTo(chosen ?? to)}
          />
        </Group>
        <WhenAnswered answer={difference}>{({ data }) => <Changes difference={data} />}</WhenAnswered>
      </Stack>
    </section>
  );
}

function Changes({ difference: { is_breaking, changes_count, changes } }: { difference: ConnectorDifference }) {
  if (changes_count === 0) return <Text>There are no differences.</Text>;
  return (
    <>
      <Alert color={is_breaking ? 'orange' : 'green'}>
        {is_breaking ? 'Callers may have to change what they send or read.' : 'Callers do not have to change anything.'}{' '}
        {changes_count > changes.length ? `The first ${changes.length} of ${changes_count} changes are shown.` : ''}
      </Alert>
      <ListTable label="Changes" minWidth={560} columns={['Change', 'Where', 'What']}>
        {changes.map(({ kind, path, is_breaking, message }) => (
          <Table.Tr key={`${kind} ${path} ${message}`}>
            <Table.Th scope="row">
              {kind} {is_breaking ? <StateBadge state={{ label: 'breaking', tone: 'warning' }} /> : undefined}
            </Table.Th>
            <Table.Td>
              <Code>{path}</Code>
            </Table.Td>
            <Table.Td>{message}</Table.Td>
          </Table.Tr>
        ))}
      </ListTable>
    </>
  );
}
