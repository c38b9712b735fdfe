import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type FormEvent, useState } from 'react';
import { useChange } from '../api/use-api.ts';
import { Problem } from '../parts/answers.tsx';
import type { Agent } from './agent.ts';

export function RenameAgent({ agent }: { agent: Agent }) {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" onClick={open}>
        Rename
      </Button>
      <Modal opened={isOpen} onClose={close} title="Rename">
        <Form agent={agent} onDone={close} />
      </Modal>
    </>
  );
}

function Form({ agent, onDone }: { agent: Agent; onDone: () => void }) {
  const [name, setName] = useState(agent.name);
  const [description, setDescription] = useState(agent.description ?? '');
  const save = useChange({
    change: (api, body: { name: string; description: string | null }) => api('PATCH', `/agents/${agent.id}`, { body }),
    outdates: ['/agents'],
    onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({ name, description: description === '' ? null : description });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          {...{ label: 'Name', required: true, value: name, maxLength: 100 }}
          description="Its id, which policies and credentials use, stays"
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          data-autofocus
        />
        <Textarea
          {...{ label: 'Description', value: description, autosize: true, minRows: 2 }}
          onChange={({ currentTarget }) => setDescription(currentTarget.value)}
        />
        {save.isError ? <Problem error={save.error} title="Not saved" /> : undefined}
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
