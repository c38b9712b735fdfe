import { Anchor, Code, Group, Stack, Text, Title } from '@mantine/core';
import type { Agent } from '@toolplane/api-client';
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
import { AgentClients } from './agent-clients.tsx';
import { AgentKeys } from './agent-keys.tsx';
import { RenameAgent } from './rename-agent.tsx';

export function AgentPage({ id }: { id: string }) {
  const agent = useAnswer('/agents/{id}', { path: { id } });
  return (
    <Stack>
      <Anchor component={Link} to="?" size="sm">
        All agents
      </Anchor>
      <WhenAnswered answer={agent}>{({ data }) => <Details agent={data} />}</WhenAnswered>
    </Stack>
  );
}

function Details({ agent }: { agent: Agent }) {
  const mayWrite = useMay('agents:write');
  const maySeeKeys = useMay('api-keys:write');
  return (
    <Page
      title={agent.name}
      about={agent.description ?? undefined}
      actions={
        mayWrite ? (
          <Group>
            <RenameAgent agent={agent} />
            {/* The key makes it a new button after the switch, so that an open question does not change. */}
            <SwitchAgent key={String(agent.isActive)} agent={agent} />
            <DeleteAgent agent={agent} />
          </Group>
        ) : undefined
      }
    >
      <Stack gap="xs">
        <Group gap="0.25rem 2rem">
          <StateBadge state={toActivity(agent.isActive)} />
          <Text size="sm" component="div">
            Created <Time at={agent.createdAt} />
          </Text>
          <Text size="sm" component="div">
            Last seen <Time at={agent.lastSeenAt} never="never" />
          </Text>
        </Group>
        <Text size="sm">
          Policies and credentials refer to this agent as <Code>{agent.id}</Code>.
        </Text>
        {agent.isActive ? undefined : (
          <Text size="sm">Its keys and tokens are refused until it is activated again.</Text>
        )}
      </Stack>
      <Stack component="section" gap="sm">
        <Title order={2} size="h4">
          OAuth clients
        </Title>
        <AgentClients agentId={agent.id} mayWrite={mayWrite} />
      </Stack>
      {maySeeKeys ? (
        <Stack component="section" gap="sm">
          <Title order={2} size="h4">
            API keys
          </Title>
          <AgentKeys agentId={agent.id} mayMake={mayWrite} />
        </Stack>
      ) : undefined}
    </Page>
  );
}

function SwitchAgent({ agent }: { agent: Agent }) {
  // A deactivated agent is also listed among the external users, by its id.
  const change = useActivation('/agents', agent, { outdates: ['/external-users'] });
  return agent.isActive ? (
    <ConfirmButton label="Deactivate" change={change}>
      Its keys and tokens are refused at once, like revoked ones. Nothing is deleted: after activation, they work as
      before.
    </ConfirmButton>
  ) : (
    <ConfirmButton label="Activate" change={change}>
      Its keys and tokens are accepted again at once.
    </ConfirmButton>
  );
}

function DeleteAgent({ agent: { id, name } }: { agent: Agent }) {
  const navigate = useNavigate();
  const remove = useChange({
    change: (api) => api.DELETE('/agents/{id}', { params: { path: { id } } }),
    outdates: ['/agents', '/api-keys', '/external-users'],
    onDoneHere: () => navigate('?', { replace: true }),
  });
  return (
    <ConfirmButton isFinal label="Delete" of={name} change={remove} color="red" variant="outline">
      The keys of {name} are revoked, and its credentials and OAuth clients are deleted. This cannot be undone. To stop
      it temporarily, deactivate it.
    </ConfirmButton>
  );
}
