import { Accordion, Code, Group, Stack, Table, Text } from '@mantine/core';
import type { ConnectorDetail } from '@toolplane/api-client';
import { WhenAnswered } from '../parts/answers.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import { SearchField } from '../parts/search-field.tsx';
import type { State } from '../parts/state.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { useList } from '../parts/use-list.ts';
import { type ConnectorOperation, operationsOf, useOpenApi } from './open-api.ts';

const READS: State = { label: 'reads', tone: 'idle' };
const CHANGES: State = { label: 'changes', tone: 'warning' };
const PAGE_LENGTH = 25;

export function ConnectorTools({ connector }: { connector: ConnectorDetail }) {
  const list = useList();
  const { q, page } = list;
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
      <SearchField label="Search tools" list={list} />
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
                      <StateBadge state={is_read_only ? READS : CHANGES} />
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
      <Pager answer={{ data: { totalPages }, isFetching: false }} list={list} />
    </Stack>
  );
}

function OfOperation({ operation }: { operation: ConnectorOperation | undefined }) {
  if (operation === undefined) return <Text>Its parameters are not known.</Text>;
  const { method, path, parameters } = operation;
  return (
    <Stack gap="xs">
      <Code block>
        {method} {path}
      </Code>
      {parameters.length === 0 ? (
        <Text size="sm">It takes no parameters.</Text>
      ) : (
        <ListTable label="Parameters" minWidth={480} columns={['Parameter', 'In', 'Type', 'Description']}>
          {parameters.map(({ name, place, type, isRequired, description }) => (
            <Table.Tr key={`${place} ${name}`}>
              <Table.Th scope="row">
                {name}
                {isRequired ? '' : ' (optional)'}
              </Table.Th>
              <Table.Td>{place}</Table.Td>
              <Table.Td>{type}</Table.Td>
              <Table.Td>{description}</Table.Td>
            </Table.Tr>
          ))}
        </ListTable>
      )}
    </Stack>
  );
}
