import { Group, Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ConnectorInstance } from '@toolplane/api-client';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { toChanges } from '../api/to-changes.ts';
import { useAnswer, useChange } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { OUTDATED_BY_INSTANCES } from './instance.ts';
import { InstanceForm, type InstanceSettings } from './instance-form.tsx';

export function InstanceSettingsTab({ instance }: { instance: ConnectorInstance }) {
  const connector = useAnswer('/connectors/{slug}', { path: { slug: instance.connector } });
  // The state that the form shows, whatever others change in the meantime.
  const [seen, setSeen] = useState(instance);
  const save = useChange({
    change: async (api, { instance_name, description, auth_type, configuration }: InstanceSettings) => {
      const body = toChanges(toSettings(seen), { instance_name, description, auth_type, configuration });
      return (await api.PATCH('/connector-instances/{id}', { params: { path: { id: seen.id } }, body })).data;
    },
    outdates: OUTDATED_BY_INSTANCES,
    onDone: (saved) => {
      setSeen(saved);
      notifications.show({ message: 'Saved' });
    },
  });
  return (
    <Stack gap="xl" maw={640}>
      <WhenAnswered answer={connector}>
        {({ data }) => <InstanceForm key={instance.id} connector={data} instance={seen} change={save} button="Save" />}
      </WhenAnswered>
      <section>
        <Title order={2} size="h4" mb="xs">
          {instance.is_enabled ? 'Disable or delete' : 'Enable or delete'}
        </Title>
        <Text c="dimmed" mb="sm">
          {instance.is_enabled ? 'Agents use its tools.' : 'It is disabled: agents see none of its tools.'}
        </Text>
        <Group>
          <Enabling instance={instance} />
          <Deleting instance={instance} />
        </Group>
      </section>
    </Stack>
  );
}

function toSettings({ instance_name, description, auth_type, configuration }: ConnectorInstance) {
  return { instance_name, description, auth_type, configuration };
}

function Enabling({ instance: { id, is_enabled } }: { instance: ConnectorInstance }) {
  const change = useChange({
    change: (api) =>
      api.PATCH('/connector-instances/{id}', { params: { path: { id } }, body: { is_enabled: !is_enabled } }),
    outdates: OUTDATED_BY_INSTANCES,
  });
  // If somebody else was faster, the new key closes the question instead of inverting it.
  return (
    <ConfirmButton key={String(is_enabled)} label={is_enabled ? 'Disable' : 'Enable'} change={change}>
      {is_enabled
        ? 'Its server stops, and agents lose its tools at once. Credentials and settings stay.'
        : 'Its server starts with the active version of the connector, and agents see its tools.'}
    </ConfirmButton>
  );
}

function Deleting({ instance: { id, connector, server } }: { instance: ConnectorInstance }) {
  const { workspaceId } = useParams();
  const navigate = useNavigate();
  const remove = useChange({
    change: (api) => api.DELETE('/connector-instances/{id}', { params: { path: { id } } }),
    outdates: OUTDATED_BY_INSTANCES,
    onDoneHere: () => navigate(`/${workspaceId}/connectors/${connector}?tab=instances`),
  });
  return (
    <ConfirmButton isFinal label="Delete the instance" change={remove} color="red" variant="outline">
      {server === null
        ? ''
        : `Its MCP server ${server.slug} and the server's address are deleted as well: agents lose its tools at once. `}
      All of its credentials are deleted, including those of users and agents. This cannot be undone.
    </ConfirmButton>
  );
}
