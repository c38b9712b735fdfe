import { Button, Divider, Group, Stack, Switch, Text } from '@mantine/core';
import type { McpServer } from '@toolplane/api-client';
import type { FormEvent } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { HostList } from '../egress/host-list.tsx';
import { toComplaints } from '../egress/host-text.ts';
import { ChangedMeanwhile } from '../parts/changed-meanwhile.tsx';
import { DescriptionField } from '../parts/description-field.tsx';
import { Facts } from '../parts/facts.tsx';
import { FormProblem } from '../parts/form-problem.tsx';
import { NameField } from '../parts/name-field.tsx';
import { useEditing } from '../parts/use-editing.ts';
import { ModeChoice } from './mode-choice.tsx';
import { RunningServer } from './running-server.tsx';
import { areSame, toDraft, toFacts, toSettings } from './settings.ts';

const HOSTS = 'config.allowedHosts';

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

/** `server` is its current state. Typed text remains if somebody else was faster. */
function Form({ server }: { server: McpServer }) {
  const { draft, set, save, isChanged, isOvertaken, choice } = useEditing({
    current: server,
    toDraft,
    isSame: areSame,
    send: async (api, changed, seen) => {
      const body = { ...toSettings(changed, seen), version: seen.version };
      return (await api.PATCH('/mcp-servers/{id}', { params: { path: { id: seen.id } }, body })).data;
    },
    outdates: ['/mcp-servers', '/tools'],
  });
  const { at, rest } = toFormProblems(save.error, ['name', 'description', HOSTS]);
  const sent = toSettings(save.variables ?? draft, server).config;
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
        <Switch
          label="Shared connections"
          checked={draft.allowSharedConnections}
          description="A call in the name of a user who has not connected an account may use the credentials of the agent, the workspace or the organization; otherwise it is refused"
          onChange={({ currentTarget }) => set({ allowSharedConnections: currentTarget.checked })}
        />
        {server.connectorInstanceId === null ? (
          <HostList
            label="Allowed hosts"
            about="Where a document computes the host of a URL, it may be only one of these"
            text={draft.allowedHosts}
            complaints={toComplaints(save.error, HOSTS, sent.allowedHosts ?? [])}
            onChange={(allowedHosts) => set({ allowedHosts })}
          />
        ) : undefined}
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
