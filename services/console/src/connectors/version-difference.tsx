import { Alert, Badge, Code, Group, Select, Stack, Table, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';

type Difference = {
  is_breaking: boolean;
  /** Of all; the first thousand are shown. */
  changes_count: number;
  changes: { kind: 'added' | 'removed' | 'changed'; path: string; is_breaking: boolean; message: string }[];
};

/** `versions` are the highest first, and two at least. */
export function VersionDifference({ slug, versions }: { slug: string; versions: string[] }) {
  const [from, setFrom] = useState(versions[1] ?? '');
  const [to, setTo] = useState(versions[0] ?? '');
  const difference = useAnswer<Difference>(`/connectors/${slug}/diff`, { from, to });
  return (
    <section>
      <Title order={2} size="h4" mb="xs">
        What differs
      </Title>
      <Stack>
        <Group>
          <Select
            {...{ label: 'From', data: versions, value: from, allowDeselect: false }}
            onChange={(chosen) => setFrom(chosen ?? from)}
          />
          <Select
            {...{ label: 'To', data: versions, value: to, allowDeselect: false }}
            onChange={(chosen) => setTo(chosen ?? to)}
          />
        </Group>
        <WhenAnswered answer={difference}>{({ data }) => <Changes difference={data} />}</WhenAnswered>
      </Stack>
    </section>
  );
}

function Changes({ difference: { is_breaking, changes_count, changes } }: { difference: Difference }) {
  if (changes_count === 0) return <Text>Nothing differs.</Text>;
  return (
    <>
      <Alert color={is_breaking ? 'orange' : 'green'}>
        {is_breaking ? 'Callers may have to change what they send or read.' : 'Callers can go on as they are.'}{' '}
        {changes_count > changes.length ? `The first ${changes.length} of ${changes_count} changes are shown.` : ''}
      </Alert>
      <Table.ScrollContainer minWidth={560}>
        <Table aria-label="Changes">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Change</Table.Th>
              <Table.Th>Where</Table.Th>
              <Table.Th>What</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {changes.map(({ kind, path, is_breaking, message }) => (
              <Table.Tr key={`${kind} ${path} ${message}`}>
                <Table.Td valign="top">
                  {kind}{' '}
                  {is_breaking ? (
                    <Badge color="orange" variant="light">
                      breaking
                    </Badge>
                  ) : undefined}
                </Table.Td>
                <Table.Td valign="top">
                  <Code>{path}</Code>
                </Table.Td>
                <Table.Td>{message}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}
