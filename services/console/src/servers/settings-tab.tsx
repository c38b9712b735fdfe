import { Button, Divider, Group, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { ApiError } from '../api/api-error.ts';
import { useChange } from '../api/use-api.ts';
import { Problem } from '../parts/answers.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { ModeChoice } from './mode-choice.tsx';
import type { McpServer } from './server.ts';

type Changed = { name: string; description: string; mode: McpServer['mode']; isPublic: boolean };

/** What a server is called, and whether it runs. */
export function SettingsTab({ server }: { server: McpServer }) {
  const [loads, setLoads] = useState(0);
  return (
    <Stack maw={640}>
      <Form key={loads} server={server} onReload={() => setLoads(loads + 1)} />
      <Divider my="md" />
      <Running server={server} />
    </Stack>
  );
}

/** What is typed stays when somebody else was faster. */
function Form({ server, onReload }: { server: McpServer; onReload: () => void }) {
  // The server that the person has seen, whatever became of it since.
  const [seen, setSeen] = useState(server);
  const [name, setName] = useState(seen.name);
  const [description, setDescription] = useState(seen.description ?? '');
  const [mode, setMode] = useState(seen.mode);
  const [isPublic, setPublic] = useState(seen.isPublic);
  const save = useChange({
    change: async (api, changed: Changed) => {
      const body = { ...changed, version: seen.version };
      return (await api<McpServer>('PATCH', `/mcp-servers/${seen.id}`, { body })).data;
    },
    outdates: ['/mcp-servers', '/tools'],
    onDone: setSeen,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ name, description, mode, isPublic });
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
        <ModeChoice mode={mode} onChange={setMode} />
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
          {save.error instanceof ApiError && save.error.status === 409 ? (
            <Button variant="default" onClick={onReload}>
              Show what is there now
            </Button>
          ) : undefined}
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
    outdates: ['/mcp-servers', '/tools'],
    onDoneHere: () => navigate('../..', { relative: 'path' }),
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
          {/* By their keys a question is gone, and does not become the opposite one, when somebody else was faster. */}
          {server.isStopped ? (
            <ConfirmButton key="start" label="Start" change={start}>
              Agents can use it again at once.
            </ConfirmButton>
          ) : (
            <ConfirmButton key="stop" label="Stop" change={stop}>
              Agents are told that it is stopped, and its tools are in no catalogue.
            </ConfirmButton>
          )}
          <ConfirmButton label="Archive" change={archive}>
            It is stopped and kept out of lists. Its name stays taken.
          </ConfirmButton>
        </>
      )}
      <ConfirmButton isFinal label="Delete" of={server.name} change={remove} color="red" variant="outline">
        The server, its deployments and its secrets are deleted. This cannot be taken back.
      </ConfirmButton>
    </Group>
  );
}

function useAction({ id }: McpServer, action: 'stop' | 'start' | 'archive' | 'unarchive') {
  return useChange({
    change: (api) => api('POST', `/mcp-servers/${id}/${action}`),
    outdates: ['/mcp-servers', '/tools'],
  });
}
