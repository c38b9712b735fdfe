import { Stack, Table, Text } from '@mantine/core';
import { useAnswer, useChange } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import { useList } from '../parts/use-list.ts';
import type { AgentClient } from './agent-client.ts';
import { NewAgentClient } from './new-agent-client.tsx';

/** OAuth clients with which an agent gets tokens instead of using API keys. */
export function AgentClients({ agentId, mayWrite }: { agentId: string; mayWrite: boolean }) {
  const path = `/agents/${agentId}/oauth-clients`;
  const list = useList('clients');
  const clients = useAnswer<AgentClient[]>(path, { page: list.page });
  return (
    <Stack gap="sm" align="flex-start">
      <WhenAnswered answer={clients}>
        {({ data }) =>
          data.length === 0 ? (
            <Text size="sm" c="dimmed">
              There are none. With an OAuth client, the agent gets tokens that are valid for ten minutes, instead of an
              API key.
            </Text>
          ) : (
            <ClientTable path={path} mayWrite={mayWrite} clients={data} />
          )
        }
      </WhenAnswered>
      <Pager answer={clients} list={list} />
      {mayWrite ? <NewAgentClient path={path} /> : undefined}
    </Stack>
  );
}

function ClientTable({ path, clients, mayWrite }: { path: string; clients: AgentClient[]; mayWrite: boolean }) {
  return (
    <ListTable
      label="OAuth clients"
      minWidth={560}
      columns={['Name', 'Created', 'Last used', mayWrite ? 'Actions' : undefined]}
    >
      {clients.map((client) => (
        <Table.Tr key={client.clientId}>
          <Table.Th scope="row">
            <Text fw={600}>{client.name}</Text>
            <Text size="sm" c="dimmed" ff="monospace">
              {client.clientId}
            </Text>
          </Table.Th>
          <Table.Td>
            <Time at={client.createdAt} />
          </Table.Td>
          <Table.Td>
            <Time at={client.lastUsedAt} never="never" />
          </Table.Td>
          {mayWrite ? (
            <Table.Td>
              <DeleteClient path={path} client={client} />
            </Table.Td>
          ) : undefined}
        </Table.Tr>
      ))}
    </ListTable>
  );
}

function DeleteClient({ path, client: { clientId, name } }: { path: string; client: AgentClient }) {
  const remove = useChange({ change: (api) => api('DELETE', `${path}/${clientId}`), outdates: [path] });
  return (
    <ConfirmButton isFinal label="Delete client" of={name} change={remove} size="xs">
      {name} gets no more tokens. A token that it already has stays valid for up to ten minutes. This cannot be undone.
    </ConfirmButton>
  );
}
