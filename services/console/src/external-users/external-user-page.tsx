import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import type { ExternalUser } from '@toolplane/api-client';
import { Link, useNavigate } from 'react-router';
import { useMay } from '../api/session.ts';
import { useAnswer, useChange } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { Page } from '../parts/page.tsx';
import { toActivity } from '../parts/state.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { Time } from '../parts/time.tsx';
import { useActivation } from '../parts/use-activation.ts';
import { isAgent, isDeletedElsewhere, isLetInElsewhere, toOrigin } from './external-user.ts';
import { UserConnections } from './user-connections.tsx';

export function ExternalUserPage({ id }: { id: string }) {
  const user = useAnswer('/external-users/{id}', { path: { id } });
  return (
    <Stack>
      <Anchor component={Link} to="?" size="sm">
        All external users
      </Anchor>
      <WhenAnswered answer={user}>{({ data }) => <Details user={data} />}</WhenAnswered>
    </Stack>
  );
}

function Details({ user }: { user: ExternalUser }) {
  const mayWrite = useMay('servers:write');
  const mayDelete = useMay('secrets:write');
  return (
    <Page
      title={user.username}
      // The key makes it a new button after the switch, so that a question does not change while it is answered.
      actions={
        mayWrite ? (
          <>
            {isLetInElsewhere(user) ? undefined : <SwitchUser key={String(user.isActive)} user={user} />}
            {mayDelete && !isDeletedElsewhere(user) ? <DeleteUser user={user} /> : undefined}
          </>
        ) : undefined
      }
    >
      <Stack gap="xs">
        <Group gap="0.25rem 2rem">
          <StateBadge state={toActivity(user.isActive)} />
          <Text size="sm" component="div">
            Known since <Time at={user.createdAt} />, {toOrigin(user)}
          </Text>
          <Text size="sm" component="div">
            Last seen <Time at={user.lastSeenAt} never="never" />
          </Text>
        </Group>
        {isAgent(user) ? (
          <Text size="sm">
            This is the id of an agent, which is listed here because it was deactivated. Deactivate and activate agents{' '}
            <Anchor component={Link} to={`../agents?agent=${user.username}`} relative="path">
              under Agents
            </Anchor>
            .
          </Text>
        ) : undefined}
        {user.isActive || isAgent(user) ? undefined : (
          <Text size="sm">Requests in this name are refused until the user is activated again.</Text>
        )}
      </Stack>
      <Stack component="section" gap="sm">
        <Title order={2} size="h4">
          Connected to
        </Title>
        <UserConnections userId={user.id} />
      </Stack>
    </Page>
  );
}

function SwitchUser({ user }: { user: ExternalUser }) {
  const change = useActivation('/external-users', user);
  return user.isActive ? (
    <ConfirmButton label="Deactivate" change={change}>
      Requests in the name of {user.username} are refused at once by every server, and open streams end. The connections
      of the user stay.
    </ConfirmButton>
  ) : (
    <ConfirmButton label="Activate" change={change}>
      Requests in the name of {user.username} are accepted again at once.
    </ConfirmButton>
  );
}

function DeleteUser({ user }: { user: ExternalUser }) {
  const navigate = useNavigate();
  const remove = useChange({
    change: (api) => api.DELETE('/external-users/{id}', { params: { path: { id: user.id } } }),
    outdates: ['/external-users', '/connector-instances'],
    onDone: () => navigate('?'),
  });
  return (
    <ConfirmButton isFinal label="Delete" of={user.username} change={remove}>
      The credentials and connections of {user.username} are deleted, and the name is removed from the call log and from
      approvals. Calls in this name that wait for approval, or were approved, can no longer be made. The audit log keeps
      its entries.
    </ConfirmButton>
  );
}
