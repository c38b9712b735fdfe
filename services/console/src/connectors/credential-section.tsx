import { Alert, Button, Group, Stack, Text, Title } from '@mantine/core';
import type { Authentication, ConnectorCredential, ConnectorInstance } from '@toolplane/api-client';
import { useState } from 'react';
import { useMay } from '../api/session.ts';
import { useAnswer, useChange } from '../api/use-api.ts';
import { Problem, WhenAnswered } from '../parts/answers.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { SCOPES, toRequest } from './credential.ts';
import { CredentialTable } from './credential-table.tsx';
import { SetCredentials } from './set-credentials.tsx';
import { StartSignIn } from './start-sign-in.tsx';
import { TestOutcome } from './test-outcome.tsx';

type Parts = { instance: ConnectorInstance; authentication: Authentication };

/**
 * The credentials of an instance, and whether they work. At most a hundred are shown; those of users have a list of
 * their own.
 */
export function CredentialSection({ instance, authentication }: Parts) {
  const path = { id: instance.id };
  const credentials = useAnswer('/connector-instances/{id}/credentials', { path, query: { limit: 100 } });
  const maySeal = useMay('secrets:write');
  const mayTest = useMay('servers:write') && authentication.has_test;
  const [warnings, setWarnings] = useState<string[]>([]);
  const test = useChange({
    change: async (api, credential: ConnectorCredential | undefined) => {
      const body = credential === undefined ? {} : toRequest(credential);
      return (await api.POST('/connector-instances/{id}/test', { params: { path }, body })).data;
    },
    outdates: ['/connector-instances'],
  });
  return (
    <section>
      <Stack>
        <Group justify="space-between">
          <Title order={2} size="h4">
            Credentials
          </Title>
          <Group gap="xs">
            {mayTest ? (
              <Button variant="default" loading={test.isPending} onClick={() => test.mutate(undefined)}>
                Test the connection
              </Button>
            ) : undefined}
            {maySeal && authentication.type === 'oauth2_authorization_code' ? (
              <StartSignIn instance={instance} />
            ) : undefined}
            {maySeal ? (
              <SetCredentials instance={instance} authentication={authentication} onStored={setWarnings} />
            ) : undefined}
          </Group>
        </Group>
        {authentication.has_test ? undefined : (
          <Text c="dimmed" size="sm">
            The connector does not declare how to test this authentication.
          </Text>
        )}
        {test.isError ? <Problem error={test.error} title="Not tested" /> : undefined}
        {test.isSuccess ? <TestOutcome tested={test.data} whose={wordsFor(test.variables)} /> : undefined}
        {warnings.length === 0 ? undefined : (
          <Alert color="orange" title="Stored, but not for all hosts">
            {warnings.map((warning) => (
              <Text key={warning} size="sm">
                {warning}
              </Text>
            ))}
          </Alert>
        )}
        <WhenAnswered answer={credentials}>
          {({ data, total = 0 }) => (
            <>
              {data.length === 0 ? (
                <NothingYet>There are no credentials yet: calls to its tools ask for them.</NothingYet>
              ) : (
                <CredentialTable
                  instance={instance}
                  credentials={data}
                  onTest={mayTest ? (credential) => test.mutate(credential) : undefined}
                />
              )}
              {total > data.length ? (
                <Text c="dimmed">
                  {data.length} of {total} are shown.
                </Text>
              ) : undefined}
            </>
          )}
        </WhenAnswered>
      </Stack>
    </section>
  );
}

function wordsFor(credential: ConnectorCredential | undefined): string {
  if (credential === undefined) return 'of a caller who names nobody';
  const { scope, subject } = toRequest(credential);
  return `of ${SCOPES[scope].toLowerCase()}${subject === undefined ? '' : ` ${subject}`}`;
}
