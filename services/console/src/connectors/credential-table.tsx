import { Button, Group, Table, Text } from '@mantine/core';
import type { ConnectorCredential, ConnectorInstance } from '@toolplane/api-client';
import { useChange } from '../api/use-api.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Time } from '../parts/time.tsx';
import { SCOPES, toRequest } from './credential.ts';
import { useWritableScopes } from './use-writable-scopes.ts';

type Parts = {
  instance: ConnectorInstance;
  credentials: readonly ConnectorCredential[];
  /** Absent if nothing can be tested. */
  onTest: ((credential: ConnectorCredential) => void) | undefined;
};

/** Everything that can be known about credentials, never their values. */
export function CredentialTable({ instance, credentials, onTest }: Parts) {
  return (
    <ListTable label="Credentials" minWidth={720} columns={['For', 'Fields', 'May be sent to', 'Changed', 'Actions']}>
      {credentials.map((credential) => (
        <Table.Tr key={`${credential.scope} ${credential.subject}`}>
          <Table.Th scope="row">
            <OfWhom credential={credential} />
            <Usability credential={credential} authType={instance.auth_type} />
          </Table.Th>
          <Table.Td>{credential.fields.join(', ')}</Table.Td>
          <Table.Td>{credential.hosts.join(', ')}</Table.Td>
          <Table.Td>
            <Time at={credential.updated_at} />
          </Table.Td>
          <Table.Td>
            <Group gap="xs" wrap="nowrap">
              {onTest === undefined ? undefined : (
                <Button variant="default" size="xs" onClick={() => onTest(credential)}>
                  Test
                </Button>
              )}
              <Deleting instance={instance} credential={credential} />
            </Group>
          </Table.Td>
        </Table.Tr>
      ))}
    </ListTable>
  );
}

function OfWhom({ credential }: { credential: ConnectorCredential }) {
  const { scope, subject } = toRequest(credential);
  return (
    <>
      <Text size="sm">{SCOPES[scope]}</Text>
      {subject === undefined ? undefined : (
        <Text size="sm" c="dimmed">
          {subject}
        </Text>
      )}
    </>
  );
}

function Usability({ credential, authType }: { credential: ConnectorCredential; authType: string }) {
  const problem =
    credential.auth_type !== authType
      ? `for ${credential.auth_type}: not currently used`
      : credential.is_usable
        ? undefined
        : 'waiting for a sign-in';
  if (problem === undefined) return undefined;
  return <StateBadge state={{ label: problem, tone: 'warning' }} />;
}

function Deleting({ instance, credential }: { instance: ConnectorInstance; credential: ConnectorCredential }) {
  const scopes = useWritableScopes(instance);
  const { scope, ...query } = toRequest(credential);
  const remove = useChange({
    change: (api) =>
      api.DELETE('/connector-instances/{id}/credentials/{scope}', {
        params: { path: { id: instance.id, scope }, query },
      }),
    outdates: ['/connector-instances', '/tools'],
  });
  if (!scopes.includes(scope)) return undefined;
  return (
    <ConfirmButton
      isFinal
      label="Delete credentials"
      of={[SCOPES[scope], query.subject].join(' ').trim()}
      size="xs"
      change={remove}
    >
      {SCOPES[scope]}
      {query.subject === undefined ? '' : ` ${query.subject}`}: calls that use these credentials fail from now on.
      Nobody can read them again; to restore them, set them again.
    </ConfirmButton>
  );
}
