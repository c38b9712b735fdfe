import { Stack, Table, Text } from '@mantine/core';
import type { AgentClient } from '@toolplane/api-client';
import { useAnswer, useChange } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import { useList } from '../parts/use-list.ts';
import { NewAgentClient } from './new-agent-client.tsx';

/** OAuth clients with which an agent gets tokens instead of using API keys. */
export function AgentClients({ agentId, mayWrite }: { agentId: string; mayWrite: boolean }) {
  const list = useList('clients');
  const clients = useAnswer('/agents/{id}/oauth-clients', { path: { id: agentId }, query: { page: list.page } });
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
            <ClientTable agentId={agentId} mayWrite={mayWrite} clients={data} />
          )
        }
      </WhenAnswered>
      <Pager answer={clients} list={list} />
      {mayWrite ? <NewAgentClient agentId={agentId} /> : undefined}
    </Stack>
  );
}

function ClientTable({ agentId, clients, mayWrite }: { agentId: string; clients: AgentClient[]; mayWrite: boolean }) {
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
              <DeleteClient agentId={agentId} client={client} />
            </Table.Td>
          ) : undefined}
        </Table.Tr>
      ))}
    </ListTable>
  );
}

function DeleteClient({ agentId, client: { clientId, name } }: { agentId: string; client: AgentClient }) {
  const remove = useChange({
    change: (api) =>
      api.DELETE('/agents/{id}/oauth-clients/{clientId}', { params: { path: { id: agentId, clientId } } }),
    outdates: [`/agents/${agentId}/oauth-clients`],
  });
  return (
    <ConfirmButton isFinal label="Delete client" of={name} change={remove} size="xs">
      {name} gets no more tokens. A token that it already has stays valid for up to ten minutes. This cannot be undone.
    </ConfirmButton>
  );
}
