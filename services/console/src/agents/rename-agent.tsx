import { Stack } from '@mantine/core';
import type { Agent } from '@toolplane/api-client';
import { type FormEvent, useState } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { toChanges } from '../api/to-changes.ts';
import { useChange } from '../api/use-api.ts';
import { DescriptionField } from '../parts/description-field.tsx';
import { DialogButton } from '../parts/dialog-button.tsx';
import { FormEnd } from '../parts/form-end.tsx';
import { NameField } from '../parts/name-field.tsx';

export function RenameAgent({ agent }: { agent: Agent }) {
  return (
    <DialogButton label="Rename" button={{ variant: 'default' }}>
      {(close) => <Form agent={agent} onDone={close} />}
    </DialogButton>
  );
}

function Form({ agent, onDone }: { agent: Agent; onDone: () => void }) {
  const [seen] = useState({ name: agent.name, description: agent.description });
  const [name, setName] = useState(seen.name);
  const [description, setDescription] = useState(seen.description ?? '');
  const save = useChange({
    change: (api, wanted: typeof seen) =>
      api.PATCH('/agents/{id}', { params: { path: { id: agent.id } }, body: toChanges(seen, wanted) }),
    outdates: ['/agents'],
    onDone,
  });
  const { at, rest } = toFormProblems(save.error, ['name', 'description']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ name, description: description === '' ? null : description });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <NameField
          error={at['name']}
          value={name}
          maxLength={100}
          description="Its id, which policies and credentials use, does not change"
          onChange={setName}
        />
        <DescriptionField error={at['description']} value={description} onChange={setDescription} />
        <FormEnd change={save} rest={rest} submitLabel="Save" title="Not saved" />
      </Stack>
    </form>
  );
}
