import { Button, Divider, Group, Stack, Switch, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { useChange } from '../api/use-api.ts';
import { ChangedMeanwhile } from '../parts/changed-meanwhile.tsx';
import { DescriptionField } from '../parts/description-field.tsx';
import { Facts } from '../parts/facts.tsx';
import { FormProblem } from '../parts/form-problem.tsx';
import { NameField } from '../parts/name-field.tsx';
import { ModeChoice } from './mode-choice.tsx';
import { RunningServer } from './running-server.tsx';
import { type McpServer, MODES } from './server.ts';

type Changed = { name: string; description: string; mode: McpServer['mode']; isPublic: boolean };

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
  // As the person has seen it.
  const [seen, setSeen] = useState(server);
  const [draft, setDraft] = useState(() => toChanged(server));
  const save = useChange({
    change: async (api, changed: Changed) => {
      const body = { ...changed, version: seen.version };
      return (await api<McpServer>('PATCH', `/mcp-servers/${seen.id}`, { body })).data;
    },
    outdates: ['/mcp-servers', '/tools'],
    onDone: setSeen,
  });
  const set = (part: Partial<Changed>) => setDraft((before) => ({ ...before, ...part }));
  const take = () => {
    setSeen(server);
    setDraft(toChanged(server));
  };
  const goOn = () => {
    setSeen(server);
    save.reset();
  };
  const drop = () => {
    take();
    save.reset();
  };
  // A change that is being saved here does not come from somebody else.
  const isBehind = server.version > seen.version && !save.isPending;
  const isUntouched = areSame(draft, toChanged(seen));
  const isSameOtherwise = areSame(toChanged(server), toChanged(seen));
  if (isBehind && isUntouched) take();
  else if (isBehind && isSameOtherwise) setSeen(server);
  const isTold = isBehind && !isUntouched && !isSameOtherwise;
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
        {isTold ? (
          <ChangedMeanwhile what="these settings" choice={{ goOn, drop }}>
            <Facts facts={toFacts(server)} />
          </ChangedMeanwhile>
        ) : (
          <FormProblem error={save.error} rest={rest} title="Not saved" />
        )}
        <Group justify="flex-end">
          {save.isSuccess && areSame(draft, toChanged(seen)) ? (
            <Text size="sm" role="status">
              Saved
            </Text>
          ) : undefined}
          <Button type="submit" loading={save.isPending} disabled={isTold}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function toChanged({ name, description, mode, isPublic }: McpServer): Changed {
  return { name, description: description ?? '', mode, isPublic };
}

function areSame(one: Changed, other: Changed): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function toFacts({ name, description, mode, isPublic }: McpServer) {
  return { Name: name, Description: description, Mode: MODES[mode], Public: isPublic ? 'yes' : 'no' };
}
