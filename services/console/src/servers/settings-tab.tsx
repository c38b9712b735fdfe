import { Button, Divider, Group, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { useChange } from '../api/use-api.ts';
import { Problem } from '../parts/answers.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import type { McpServer } from './server.ts';

type Changed = { name: string; description: string; isPublic: boolean };

/** What a server is called, and whether it runs. */
export function SettingsTab({ server }: { server: McpServer }) {
  return (
    <Stack maw={640}>
      {/* Somebody else's change makes another form of it. */}
      <Form key={server.version} server={server} />
      <Divider my="md" />
      <Running server={server} />
    </Stack>
  );
}

function Form({ server }: { server: McpServer }) {
  const [name, setName] = useState(server.name);
  const [description, setDescription] = useState(server.description ?? '');
  const [isPublic, setPublic] = useState(server.isPublic);
  const save = useChange({
    change: (api, changed: Changed) =>
      api('PATCH', `/mcp-servers/${server.id}`, { body: { ...changed, version: server.version } }),
    outdates: ['/mcp-servers'],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ name, description, isPublic });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          {...{ label: 'Name', required: true, value: name }}
          description="With another name its old one in URLs is not found any more; the endpoint by its id stays"
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <Textarea
          {...{ label: 'Description', value: description, autosize: true, minRows: 2 }}
          onChange={({ currentTarget }) => setDescription(currentTarget.value)}
        />
        <Switch
          {...{ label: 'Public', checked: isPublic }}
          description="Anybody who knows the endpoint may call its tools, without a key"
          onChange={({ currentTarget }) => setPublic(currentTarget.checked)}
        />
        {save.isError ? <Problem error={save.error} title="Not saved" /> : undefined}
        <Group>
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
          {save.isSuccess ? (
            <Text size="sm" role="status">
              Saved
            </Text>
          ) : undefined}
        </Group>
      </Stack>
    </form>
  );
}

function Running({ server }: { server: McpServer }) {
  const stop = useAction(server, 'stop');
  const start = useAction(server, 'start');
  const archive = useAction(server, 'archive');
  const unarchive = useAction(server, 'unarchive');
  const navigate = useNavigate();
  const remove = useChange({
    change: (api) => api('DELETE', `/mcp-servers/${server.id}`),
    outdates: ['/mcp-servers'],
    onDone: () => navigate('../..', { relative: 'path' }),
  });
  if (server.connectorInstanceId !== null) {
    return (
      <Text size="sm">This server is that of a connector’s instance: it is started, stopped and deleted there.</Text>
    );
  }
  return (
    <Group>
      {server.isArchived ? (
        <ConfirmButton label="Unarchive" change={unarchive}>
          It is listed again, and stays stopped until you start it.
        </ConfirmButton>
      ) : (
        <>
          {server.isStopped ? (
            <ConfirmButton label="Start" change={start}>
              Agents can use it again at once.
            </ConfirmButton>
          ) : (
            <ConfirmButton label="Stop" change={stop}>
              Agents are told that it is stopped, and its tools are in no catalogue.
            </ConfirmButton>
          )}
          <ConfirmButton label="Archive" change={archive}>
            It is stopped and kept out of lists. Its name stays taken.
          </ConfirmButton>
        </>
      )}
      <ConfirmButton label="Delete" change={remove} color="red" variant="outline">
        The server, its deployments and its secrets are deleted. This cannot be taken back.
      </ConfirmButton>
    </Group>
  );
}

function useAction({ id }: McpServer, action: 'stop' | 'start' | 'archive' | 'unarchive') {
  return useChange({
    change: (api) => api('POST', `/mcp-servers/${id}/${action}`),
    outdates: ['/mcp-servers'],
  });
}
