import { Alert, Stack, Text } from '@mantine/core';
import type { CreatedAgentClient } from '@toolplane/api-client';
import { type FormEvent, useState } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { useChange } from '../api/use-api.ts';
import { CopiedText } from '../parts/copied-text.tsx';
import { FormEnd } from '../parts/form-end.tsx';
import { NameField } from '../parts/name-field.tsx';
import { ShownOnceDialog } from '../parts/shown-once-dialog.tsx';

/** The button and the form of a new OAuth client, whose secret is shown until the dialog is closed, and never again. */
export function NewAgentClient({ agentId }: { agentId: string }) {
  return (
    <ShownOnceDialog<CreatedAgentClient>
      label="New OAuth client"
      title="New OAuth client"
      variant="default"
      shown={(client) => <Made client={client} />}
    >
      {(show) => <Form agentId={agentId} onMade={show} />}
    </ShownOnceDialog>
  );
}

function Form({ agentId, onMade }: { agentId: string; onMade: (client: CreatedAgentClient) => void }) {
  const [name, setName] = useState('');
  const create = useChange({
    change: async (api, body: { name: string }) =>
      (await api.POST('/agents/{id}/oauth-clients', { params: { path: { id: agentId } }, body })).data,
    outdates: [`/agents/${agentId}/oauth-clients`],
    onDone: onMade,
  });
  const { at, rest } = toFormProblems(create.error, ['name']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate({ name });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <NameField
          error={at['name']}
          value={name}
          maxLength={100}
          description="Name of the program or the place that has the secret"
          onChange={setName}
        />
        <FormEnd change={create} rest={rest} submitLabel="Create client" />
      </Stack>
    </form>
  );
}

function Made({ client: { clientId, clientSecret } }: { client: CreatedAgentClient }) {
  return (
    <>
      <Alert color="blue" title="The secret is shown only now">
        Copy it to where the program keeps its secrets. Nobody can view it later.
      </Alert>
      <Field label="Client ID" text={clientId} what="the client ID" />
      <Field label="Client secret" text={clientSecret} what="the client secret" />
      <Field label="Token endpoint" text={`${location.origin}/oauth/token`} what="the token endpoint" />
      <Text size="sm">
        There, the agent gets a token with <code>grant_type=client_credentials</code> and, as <code>resource</code>, the
        MCP endpoint of one server of this workspace that is not public.
      </Text>
    </>
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
