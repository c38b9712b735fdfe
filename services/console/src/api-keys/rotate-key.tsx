import { Stack, Text } from '@mantine/core';
import type { ApiKey } from '@toolplane/api-client';
import { type FormEvent, useState } from 'react';
import { useChange } from '../api/use-api.ts';
import { FormEnd } from '../parts/form-end.tsx';
import { OverlapChoice } from '../parts/overlap-choice.tsx';
import { KeyDialog } from './key-dialog.tsx';

/** Replaces this key with a new one. */
export function RotateKey({ of, isOffered }: { of: ApiKey; isOffered: boolean }) {
  return (
    <KeyDialog label="Rotate" title={`Rotate ${of.name}`} isOffered={isOffered} variant="default">
      {(show) => <Form of={of} onMade={show} />}
    </KeyDialog>
  );
}

function Form({ of, onMade }: { of: ApiKey; onMade: (key: string) => void }) {
  const [overlapSeconds, setOverlapSeconds] = useState(86_400);
  const rotate = useChange({
    change: async (api, body: { overlapSeconds: number }) =>
      (await api.POST('/api-keys/{id}/rotate', { params: { path: { id: of.id } }, body })).data.key,
    outdates: ['/api-keys'],
    onDone: onMade,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rotate.mutate({ overlapSeconds });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text>
          You get a new key with the same permissions and restrictions. Switch to it while the old key is still valid.
        </Text>
        <OverlapChoice
          label="Keep the old key"
          description="Never longer than it would have been valid before"
          seconds={overlapSeconds}
          onChange={setOverlapSeconds}
        />
        <FormEnd change={rotate} rest={rotate.error ?? undefined} submitLabel="Create new key" />
      </Stack>
    </form>
  );
}
