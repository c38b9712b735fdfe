import { Stack } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { useChange } from '../api/use-api.ts';
import { DialogButton } from '../parts/dialog-button.tsx';
import { FormEnd } from '../parts/form-end.tsx';
import { NameField } from '../parts/name-field.tsx';

/** The button and the form for a new external user. The API says which names are valid. */
export function NewExternalUser() {
  return (
    <DialogButton label="New user" title="New external user">
      {(close) => <Form onDone={close} />}
    </DialogButton>
  );
}

function Form({ onDone }: { onDone: () => void }) {
  const [username, setUsername] = useState('');
  const create = useChange({
    change: (api) => api.POST('/external-users', { body: { username } }),
    outdates: ['/external-users'],
    onDone,
  });
  const { at, rest } = toFormProblems(create.error, ['username']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <NameField
          error={at['username']}
          value={username}
          maxLength={255}
          description="Exactly as in the x-username of calls; it cannot be changed later"
          onChange={setUsername}
        />
        <FormEnd change={create} rest={rest} submitLabel="Create user" />
      </Stack>
    </form>
  );
}
