import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type FormEvent, useState } from 'react';
import { useChange } from '../api/use-api.ts';
import { Problem } from '../parts/answers.tsx';
import { CopiedText } from '../parts/copied-text.tsx';
import type { CreatedAgentClient } from './agent-client.ts';

/** The button and the form of a new OAuth client, whose secret is shown until the dialog is closed, and never again. */
export function NewAgentClient({ path }: { path: string }) {
  const [isOpen, { open, close }] = useDisclosure();
  const [made, setMade] = useState<CreatedAgentClient>();
  const finish = () => {
    setMade(undefined);
    close();
  };
  return (
    <>
      <Button variant="default" onClick={open}>
        New OAuth client
      </Button>
      <Modal
        {...{ opened: isOpen, onClose: finish, title: 'New OAuth client', size: 'lg' }}
        // A click beside it must not lose the secret.
        closeOnClickOutside={made === undefined}
        closeOnEscape={made === undefined}
      >
        {made === undefined ? <Form path={path} onMade={setMade} /> : <Made client={made} onDone={finish} />}
      </Modal>
    </>
  );
}

function Form({ path, onMade }: { path: string; onMade: (client: CreatedAgentClient) => void }) {
  const [name, setName] = useState('');
  const create = useChange({
    // Handed on at once and not answered: what a change answers is kept for minutes.
    change: async (api, body: { name: string }) => onMade((await api<CreatedAgentClient>('POST', path, { body })).data),
    outdates: [path],
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          {...{ label: 'Name', required: true, value: name, maxLength: 100 }}
          description="Of the program or the place that has the secret"
          onChange={({ currentTarget }) => setName(currentTarget.value)}
          data-autofocus
        />
        {create.isError ? <Problem error={create.error} /> : undefined}
        <Group justify="flex-end">
          <Button type="submit" loading={create.isPending}>
            Make the client
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Made({ client: { clientId, clientSecret }, onDone }: { client: CreatedAgentClient; onDone: () => void }) {
  return (
    <Stack>
      <Alert color="blue" title="The secret is shown only now">
        Copy it to where the program keeps its secrets. Nobody can look at it later.
      </Alert>
      <Field label="Client ID" text={clientId} what="the client ID" />
      <Field label="Client secret" text={clientSecret} what="the client secret" />
      <Field label="Token endpoint" text={`${location.origin}/oauth/token`} what="the token endpoint" />
      <Text size="sm">
        There it gets a token with <code>grant_type=client_credentials</code>, and as <code>resource</code> the MCP
        endpoint of one server of this workspace that is not public.
      </Text>
      <Group justify="flex-end">
        <Button onClick={onDone}>Done</Button>
      </Group>
    </Stack>
  );
}

function Field({ label, text, what }: { label: string; text: string; what: string }) {
  return (
    <div>
      <Text size="sm" fw={600}>
        {label}
      </Text>
      <CopiedText text={text} what={what} />
    </div>
  );
}
