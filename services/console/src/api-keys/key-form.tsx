import { Checkbox, Fieldset, Stack, TagsInput, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { useMay } from '../api/session.ts';
import { DescriptionField } from '../parts/description-field.tsx';
import { FormEnd } from '../parts/form-end.tsx';
import { NameField } from '../parts/name-field.tsx';
import { AgentChoice } from './agent-choice.tsx';
import { ExpiryChoice } from './expiry-choice.tsx';
import type { KeyDraft } from './key-draft.ts';
import { PermissionChoice } from './permission-choice.tsx';
import { ServerChoice } from './server-choice.tsx';

type Parts = {
  initial: KeyDraft;
  submitLabel: string;
  /** The agent of a key is chosen only for a new key. */
  isNew?: boolean;
  save: { mutate: (draft: KeyDraft) => void; isPending: boolean; error: Error | null };
};

/** The name of a key and what it is valid for. */
export function KeyForm({ initial, submitLabel, isNew = false, save }: Parts) {
  const [draft, setDraft] = useState(initial);
  const maySpeakForAgents = useMay('agents:write');
  const set = (change: Partial<KeyDraft>) => setDraft((before) => ({ ...before, ...change }));
  const { at, rest } = toFormProblems(save.error, Object.keys(initial));
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
          description="Which program uses it, and where"
          onChange={(name) => set({ name })}
        />
        <DescriptionField
          error={at['description']}
          value={draft.description}
          onChange={(description) => set({ description })}
        />
        {isNew && maySpeakForAgents ? (
          <AgentChoice agentId={draft.agentId} error={at['agentId']} onChange={(agentId) => set({ agentId })} />
        ) : undefined}
        <ExpiryChoice
          expiresAt={draft.expiresAt}
          error={at['expiresAt']}
          onChange={(expiresAt) => set({ expiresAt })}
        />
        <PermissionChoice
          chosen={draft.permissions}
          error={at['permissions']}
          onChange={(permissions) => set({ permissions })}
        />
        <Fieldset legend="Bounds">
          <Stack>
            <Text size="sm" c="dimmed">
              A key restricted to some servers or tools can have only tools:call and servers:read.
            </Text>
            <ServerChoice
              chosen={draft.allowedServers}
              error={at['allowedServers']}
              onChange={(allowedServers) => set({ allowedServers })}
            />
            <TagsInput
              label="Tools"
              error={at['allowedTools']}
              value={draft.allowedTools}
              splitChars={[',', ' ']}
              description="Names, in which * stands for any characters; all tools if you name none"
              onChange={(allowedTools) => set({ allowedTools })}
            />
            <TagsInput
              label="Addresses"
              error={at['allowedAddresses']}
              value={draft.allowedAddresses}
              splitChars={[',', ' ']}
              description="Where it may be used from: 192.0.2.1 or 192.0.2.0/24; anywhere if you name none"
              onChange={(allowedAddresses) => set({ allowedAddresses })}
            />
          </Stack>
        </Fieldset>
        <Checkbox
          label="It may specify the user for whom it calls"
          checked={draft.mayAssertUser}
          error={at['mayAssertUser']}
          description="In the header x-username. Do not allow this for a key that somebody pastes into a client"
          onChange={({ currentTarget }) => set({ mayAssertUser: currentTarget.checked })}
        />
        <FormEnd change={save} rest={rest} submitLabel={submitLabel} />
      </Stack>
    </form>
  );
}
