import { Button, Divider, Group, Stack, Switch, Text } from '@mantine/core';
import type { FormEvent } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { ChangedMeanwhile } from '../parts/changed-meanwhile.tsx';
import { DescriptionField } from '../parts/description-field.tsx';
import { Facts } from '../parts/facts.tsx';
import { FormProblem } from '../parts/form-problem.tsx';
import { NameField } from '../parts/name-field.tsx';
import { useEditing } from '../parts/use-editing.ts';
import { ModeChoice } from './mode-choice.tsx';
import { RunningServer } from './running-server.tsx';
import { type McpServer, MODES } from './server.ts';

type Draft = { name: string; description: string; mode: McpServer['mode']; isPublic: boolean };

/** The name of a server, and whether it runs. */
export function SettingsTab({ server }: { server: McpServer }) {
  return (
    <Stack maw={640}>
      <Form server={server} />
      <Divider my="md" />
      <RunningServer server={server} />
    </Stack>
  );
}

/** `server`: its current state. Typed text stays if somebody else was faster. */
function Form({ server }: { server: McpServer }) {
  const { draft, set, save, isChanged, isOvertaken, choice } = useEditing({
    current: server,
    toDraft,
    isSame,
    send: async (api, changed, { id, version }) =>
      (await api<McpServer>('PATCH', `/mcp-servers/${id}`, { body: { ...changed, version } })).data,
    outdates: ['/mcp-servers', '/tools'],
  });
  const { at, rest } = toFormProblems(save.error, ['name', 'description']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(draft);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <NameField
          error={at['name']}
          value={draft.name}
          description="After a change, URLs with the old name no longer work; the endpoint with the id stays the same"
          isFocused={false}
          onChange={(name) => set({ name })}
        />
        <DescriptionField
          error={at['description']}
          value={draft.description}
          onChange={(description) => set({ description })}
        />
        <ModeChoice mode={draft.mode} onChange={(mode) => set({ mode })} />
        <Switch
          label="Public"
          checked={draft.isPublic}
          description="Anybody who knows the endpoint may call its tools without a key"
          onChange={({ currentTarget }) => set({ isPublic: currentTarget.checked })}
        />
        {isOvertaken ? (
          <ChangedMeanwhile what="these settings" choice={choice}>
            <Facts facts={toFacts(server)} />
          </ChangedMeanwhile>
        ) : (
          <FormProblem error={save.error} rest={rest} title="Not saved" />
        )}
        <Group justify="flex-end">
          {save.isSuccess && !isChanged ? (
            <Text size="sm" role="status">
              Saved
            </Text>
          ) : undefined}
          <Button type="submit" loading={save.isPending} disabled={isOvertaken}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function toDraft({ name, description, mode, isPublic }: McpServer): Draft {
  return { name, description: description ?? '', mode, isPublic };
}

function isSame(draft: Draft, server: McpServer): boolean {
  return JSON.stringify(draft) === JSON.stringify(toDraft(server));
}

function toFacts({ name, description, mode, isPublic }: McpServer) {
  return { Name: name, Description: description, Mode: MODES[mode], Public: isPublic ? 'yes' : 'no' };
}
