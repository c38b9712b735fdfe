import { Stack } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { toFormProblems } from '../api/form-problems.ts';
import { useChange } from '../api/use-api.ts';
import { DescriptionField } from '../parts/description-field.tsx';
import { DialogButton } from '../parts/dialog-button.tsx';
import { FormEnd } from '../parts/form-end.tsx';
import { NameField } from '../parts/name-field.tsx';

/** The button and the form for a new agent; leads to its page, where keys and clients are added. */
export function NewAgent() {
  return <DialogButton label="New agent">{() => <Form />}</DialogButton>;
}

function Form() {
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const navigate = useNavigate();
  const create = useChange({
    change: async (api, body: { name: string; description?: string }) => (await api.POST('/agents', { body })).data,
    outdates: ['/agents'],
    onDoneHere: ({ id }) => navigate(`?agent=${id}`),
  });
  const { at, rest } = toFormProblems(create.error, ['name', 'description']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name, ...(description === '' ? {} : { description }) });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <NameField error={at['name']} value={name} maxLength={100} onChange={setName} />
        <DescriptionField error={at['description']} value={description} onChange={setDescription} />
        <FormEnd change={create} rest={rest} submitLabel="Create agent" />
      </Stack>
    </form>
  );
}
