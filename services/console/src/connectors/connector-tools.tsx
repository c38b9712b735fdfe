import { Accordion, Badge, Code, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { WhenAnswered } from '../parts/answers.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import type { ConnectorDetail } from './connector.ts';
import { type ConnectorOperation, operationsOf, useOpenApi } from './open-api.ts';

const PAGE_LENGTH = 25;

export function ConnectorTools({ connector }: { connector: ConnectorDetail }) {
  const [q, setQ] = useState('');
  const [page, setPage] = useState(1);
  const document = useOpenApi(connector.slug, connector.version);
  if (connector.tools.length === 0) return <NothingYet>None of its operations is a tool.</NothingYet>;
  const wanted = q.toLowerCase();
  const found = connector.tools.filter(({ name, description }) =>
    `${name} ${description}`.toLowerCase().includes(wanted),
  );
  const shown = found.slice((page - 1) * PAGE_LENGTH, page * PAGE_LENGTH);
  const totalPages = Math.ceil(found.length / PAGE_LENGTH);
  return (
    <Stack>
      <TextInput
        {...{ placeholder: 'Search', value: q, maw: 360 }}
        aria-label="Search tools"
        onChange={({ currentTarget }) => {
          setQ(currentTarget.value);
          setPage(1);
        }}
      />
      {found.length === 0 ? <NothingYet>No tool matches.</NothingYet> : undefined}
      <WhenAnswered answer={document}>
        {(openApi) => {
          const operations = operationsOf(openApi);
          return (
            <Accordion variant="separated" multiple keepMounted={false}>
              {shown.map(({ name, description, operation_id, is_read_only }) => (
                <Accordion.Item key={name} value={name}>
                  <Accordion.Control>
                    <Group gap="xs">
                      <Text fw={600}>{name}</Text>
                      <Badge variant="light" color={is_read_only ? 'gray' : 'orange'}>
                        {is_read_only ? 'reads' : 'changes'}
                      </Badge>
                    </Group>
                    <Text size="sm" c="dimmed">
                      {description}
                    </Text>
                  </Accordion.Control>
                  <Accordion.Panel>
                    <OfOperation operation={operations.get(operation_id)} />
                  </Accordion.Panel>
                </Accordion.Item>
              ))}
            </Accordion>
          );
        }}
      </WhenAnswered>
      <Pager answer={{ data: { totalPages }, isFetching: false }} page={page} onPage={setPage} />
    </Stack>
  );
}

function OfOperation({ operation }: { operation: ConnectorOperation | undefined }) {
  if (operation === undefined) return <Text>Nothing is known of its parameters.</Text>;
  const { method, path, parameters } = operation;
  return (
    <Stack gap="xs">
      <Code block>
        {method} {path}
      </Code>
      {parameters.length === 0 ? (
        <Text size="sm">It takes no parameters.</Text>
      ) : (
        <Table.ScrollContainer minWidth={480}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Parameter</Table.Th>
                <Table.Th>In</Table.Th>
                <Table.Th>Type</Table.Th>
                <Table.Th>What it is</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {parameters.map(({ name, place, type, isRequired, description }) => (
                <Table.Tr key={`${place} ${name}`}>
                  <Table.Td>
                    {name}
                    {isRequired ? '' : ' (optional)'}
                  </Table.Td>
                  <Table.Td>{place}</Table.Td>
                  <Table.Td>{type}</Table.Td>
                  <Table.Td>{description}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  );
}
