import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import type { ConnectorAuthorization, ConnectorInstance } from '@toolplane/api-client';
import { type FormEvent, useState } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { useChange } from '../api/use-api.ts';
import { DialogButton } from '../parts/dialog-button.tsx';
import { FormProblem } from '../parts/form-problem.tsx';
import { Time } from '../parts/time.tsx';
import { toRequest, type Whose } from './credential.ts';
import { useWritableScopes } from './use-writable-scopes.ts';
import { WhoseFields } from './whose-fields.tsx';

/** A person signs in at the provider, in this browser or wherever they open the address. */
export function StartSignIn({ instance }: { instance: ConnectorInstance }) {
  return (
    <DialogButton label="Sign in" title="Let a person sign in" button={{ variant: 'default' }}>
      {() => <Form instance={instance} />}
    </DialogButton>
  );
}

function Form({ instance }: { instance: ConnectorInstance }) {
  const scopes = useWritableScopes(instance);
  const [whose, setWhose] = useState<Whose>({ scope: 'workspace', subject: '' });
  const start = useChange({
    change: async (api) => {
      const body = toRequest(whose);
      return (
        await api.POST('/connector-instances/{id}/authorizations', { params: { path: { id: instance.id } }, body })
      ).data;
    },
    outdates: [],
  });
  const { at, rest } = toFormProblems(start.error, ['subject']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">
          The sign-in uses the client of the workspace or the organization. The person who signs in at the address that
          you get allows calls to act with their account.
        </Text>
        <WhoseFields
          scopes={scopes}
          whose={whose}
          error={at['subject']}
          onChange={(changed) => {
            setWhose(changed);
            start.reset();
          }}
        />
        <FormProblem error={start.error} rest={rest} />
        {start.isSuccess ? <Begun started={start.data} /> : undefined}
        <Group justify="flex-end">
          <Button type="submit" loading={start.isPending}>
            Start the sign-in
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Begun({ started: { authorization_url: url, expires_at } }: { started: ConnectorAuthorization }) {
  return (
    <Alert color="blue" title="The sign-in has started" role="status">
      <Anchor href={url} target="_blank" rel="noreferrer" inherit>
        Sign in at {URL.parse(url)?.host}
      </Anchor>
      , once, until <Time at={expires_at} />
    </Alert>
  );
}
