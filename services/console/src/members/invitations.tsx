import { Stack, Table, Title } from '@mantine/core';
import type { Invitation } from '@toolplane/api-client';
import { useHere } from '../api/session.ts';
import { useAnswer, useChange } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { useActors } from '../parts/names.ts';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import { useList } from '../parts/use-list.ts';
import { scopeOf } from './member.ts';
import { rolesToGive } from './roles-to-give.ts';

/** The invitations that can still be used. */
export function Invitations() {
  const list = useList('invitations');
  const invitations = useAnswer('/invitations', { query: { page: list.page, limit: 25 } });
  return (
    <Stack>
      <Title order={2} size="h3">
        Open invitations
      </Title>
      <WhenAnswered answer={invitations}>
        {({ data }) => (
          <>
            {data.length === 0 ? <NothingYet>There are no open invitations.</NothingYet> : <Those data={data} />}
            <Pager answer={invitations} list={list} />
          </>
        )}
      </WhenAnswered>
    </Stack>
  );
}

function Those({ data }: { data: Invitation[] }) {
  const { nameOf } = useActors();
  return (
    <ListTable
      label="Open invitations"
      minWidth={760}
      columns={['For', 'Role', 'In', 'Invited by', 'Valid until', 'Actions']}
    >
      {data.map((invitation) => (
        <Row key={invitation.id} invitation={invitation} by={nameOf(invitation.invitedBy)} />
      ))}
    </ListTable>
  );
}

function Row({ invitation, by }: { invitation: Invitation; by: string | undefined }) {
  const { session, place } = useHere();
  const { workspaceId, role, email, invitedBy, expiresAt } = invitation;
  const { workspaceName = workspaceId } = session.workspaces.find((one) => one.workspaceId === workspaceId) ?? {};
  return (
    <Table.Tr>
      <Table.Th scope="row">{email ?? 'anybody with the link'}</Table.Th>
      <Table.Td>{role}</Table.Td>
      <Table.Td>{workspaceName ?? 'the whole organization'}</Table.Td>
      <Table.Td>{by ?? invitedBy}</Table.Td>
      <Table.Td>
        <Time at={expiresAt} />
      </Table.Td>
      <Table.Td>
        {rolesToGive(place.permissions, scopeOf(invitation)).includes(role) ? (
          <Withdraw invitation={invitation} />
        ) : undefined}
      </Table.Td>
    </Table.Tr>
  );
}

function Withdraw({ invitation: { id, role, email } }: { invitation: Invitation }) {
  const withdraw = useChange({
    change: (api) => api.DELETE('/invitations/{id}', { params: { path: { id } } }),
    outdates: ['/invitations'],
  });
  return (
    <ConfirmButton isFinal label="Withdraw" of={`the invitation of ${email ?? role}`} change={withdraw} size="xs">
      The link of this invitation stops working. Anybody who has joined with it stays a member.
    </ConfirmButton>
  );
}
