import { Anchor, Stack, Table, Text } from '@mantine/core';
import type { UserConnection } from '@toolplane/api-client';
import { Link } from 'react-router';
import { useHere, useMay } from '../api/session.ts';
import { useAnswer, useChange } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import { useList } from '../parts/use-list.ts';

/** The instances of connectors for which an external user has credentials. */
export function UserConnections({ userId }: { userId: string }) {
  const list = useList();
  const connections = useAnswer('/external-users/{id}/connections', {
    path: { id: userId },
    query: { page: list.page, limit: 25 },
  });
  return (
    <WhenAnswered answer={connections}>
      {({ data }) => (
        <Stack gap="sm">
          {data.length === 0 ? (
            <Text size="sm" c="dimmed">
              None. There are no credentials of this user.
            </Text>
          ) : (
            <ConnectionTable userId={userId} connections={data} />
          )}
          <Pager answer={connections} list={list} />
        </Stack>
      )}
    </WhenAnswered>
  );
}

function ConnectionTable({ userId, connections }: { userId: string; connections: UserConnection[] }) {
  const mayDisconnect = useMay('secrets:write');
  const { workspaceId } = useHere().place;
  return (
    <ListTable
      label="Connections"
      minWidth={640}
      columns={['Instance', 'Connector', 'State', 'Changed', mayDisconnect ? 'Actions' : undefined]}
    >
      {connections.map((connection) => (
        <Table.Tr key={connection.instanceId}>
          <Table.Th scope="row">
            <Anchor component={Link} to={`/${workspaceId}/instances/${connection.instanceId}`} fw={600}>
              {connection.instanceName}
            </Anchor>
          </Table.Th>
          <Table.Td>{connection.connector}</Table.Td>
          <Table.Td>{connection.isUsable ? 'usable' : 'the user must sign in first'}</Table.Td>
          <Table.Td>
            <Time at={connection.updatedAt} />
            {connection.replacedAt === null ? undefined : (
              <Text size="xs" c="dimmed">
                Account replaced <Time at={connection.replacedAt} /> for {connection.replacedBy}
              </Text>
            )}
          </Table.Td>
          {mayDisconnect ? (
            <Table.Td>
              <Disconnect userId={userId} connection={connection} />
            </Table.Td>
          ) : undefined}
        </Table.Tr>
      ))}
    </ListTable>
  );
}

function Disconnect({ userId, connection }: { userId: string; connection: UserConnection }) {
  const remove = useChange({
    change: (api) =>
      api.DELETE('/external-users/{id}/connections/{instanceId}', {
        params: { path: { id: userId, instanceId: connection.instanceId } },
      }),
    outdates: [`/external-users/${userId}/connections`, '/connector-instances'],
  });
  return (
    <ConfirmButton isFinal label="Disconnect" of={connection.instanceName} change={remove} size="xs">
      The credentials of this user for {connection.instanceName} are deleted, and calls to it in this name fail until
      the user connects again.
    </ConfirmButton>
  );
}
