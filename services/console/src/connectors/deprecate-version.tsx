import { Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { useChange } from '../api/use-api.ts';
import { DialogButton } from '../parts/dialog-button.tsx';
import { FormEnd } from '../parts/form-end.tsx';

type Parts = { slug: string; version: string };

export function DeprecateVersion({ slug, version }: Parts) {
  const title = `Deprecate ${version}`;
  return (
    <DialogButton label="Deprecate" title={title} button={{ variant: 'default', size: 'xs', 'aria-label': title }}>
      {(close) => <Form slug={slug} version={version} onDone={close} />}
    </DialogButton>
  );
}

function Form({ slug, version, onDone }: Parts & { onDone: () => void }) {
  const [message, setMessage] = useState('');
  const deprecate = useChange({
    change: (api) =>
      api.POST('/connectors/{slug}/deprecate', {
        params: { path: { slug } },
        body: { version, ...(message === '' ? {} : { message }) },
      }),
    outdates: ['/connectors', '/connector-instances'],
    onDone,
  });
  const { at, rest } = toFormProblems(deprecate.error, ['message']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    deprecate.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text>
          It gets no new instances, and this cannot be undone. The highest version that is not deprecated becomes the
          active one, and instances move to it; if none is left, instances keep running.
        </Text>
        <TextInput
          label="Why"
          description="Shown with the version"
          error={at['message']}
          value={message}
          maxLength={500}
          onChange={({ currentTarget }) => setMessage(currentTarget.value)}
          data-autofocus
        />
        <FormEnd change={deprecate} rest={rest} submitLabel="Deprecate" button={{ color: 'red' }} />
      </Stack>
    </form>
  );
}
