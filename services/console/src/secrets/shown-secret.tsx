import { Alert, Anchor, Button, Group, List, Stack, Text, Title } from '@mantine/core';
import type { McpServer, SecretDetails, UncoveredStep } from '@toolplane/api-client';
import { Link } from 'react-router';
import { useMay } from '../api/session.ts';
import { useAnswer, useChange } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { secretsOf } from './secret.ts';
import { SecretVersions } from './secret-versions.tsx';

type Parts = { server: McpServer; name: string; onReplace: () => void; onLeave: () => void };

export function ShownSecret({ server, name, onReplace, onLeave }: Parts) {
  const secret = useAnswer('/mcp-servers/{id}/secrets/{name}', { path: { id: server.id, name } });
  const mayWrite = useMay('secrets:write');
  return (
    <Stack>
      <Anchor component={Link} to="?" size="sm">
        All secrets
      </Anchor>
      <Title order={2} size="h3" ff="monospace">
        {name}
      </Title>
      <WhenAnswered answer={secret}>
        {({ data }) => (
          <>
            {mayWrite ? (
              <Group>
                <Button onClick={onReplace}>Set a new value</Button>
                <DeleteSecret server={server} secret={data} onDeleted={onLeave} />
              </Group>
            ) : undefined}
            {data.uncovered.length === 0 ? undefined : <Uncovered steps={data.uncovered} />}
            {data.isRedactable ? undefined : (
              <Alert color="orange">
                The value has fewer than 8 characters. That is too short to be found in answers, so it is not masked
                there.
              </Alert>
            )}
            <UsedBy secret={data} />
            <SecretVersions server={server} secret={data} mayWrite={mayWrite} />
          </>
        )}
      </WhenAnswered>
    </Stack>
  );
}

function DeleteSecret({
  server,
  secret,
  onDeleted,
}: {
  server: McpServer;
  secret: SecretDetails;
  onDeleted: () => void;
}) {
  const { name, usedBy } = secret;
  const remove = useChange({
    change: (api) => api.DELETE('/mcp-servers/{id}/secrets/{name}', { params: { path: { id: server.id, name } } }),
    outdates: [secretsOf(server)],
    onDone: onDeleted,
  });
  return (
    <ConfirmButton isFinal label="Delete the secret" change={remove} color="red" variant="outline">
      All versions of {name} are deleted.
      {usedBy.length === 0
        ? undefined
        : ` Calls of these tools fail then: ${usedBy.map(({ tool }) => tool).join(', ')}.`}
    </ConfirmButton>
  );
}

function Uncovered({ steps }: { steps: UncoveredStep[] }) {
  return (
    <Alert color="red" title="Calls fail here">
      <Text size="sm">
        These steps send the secret to a host that is not allowed for it. If it belongs there, set it again with that
        host.
      </Text>
      <List size="sm" mt="xs">
        {steps.map(({ tool, step, host }) => (
          <List.Item key={`${tool} ${step} ${host}`}>
            {host}: step {step} of {tool}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function UsedBy({ secret: { deploymentId, usedBy } }: { secret: SecretDetails }) {
  return (
    <section>
      <Title order={3} size="h4">
        Used by
      </Title>
      {usedBy.length === 0 ? (
        <Text c="dimmed">
          {deploymentId === null ? 'Nothing is deployed, so nothing uses it.' : 'No tool uses it.'}
        </Text>
      ) : (
        <List>
          {usedBy.map(({ tool, steps }) => (
            <List.Item key={tool}>
              {tool} ({steps.length === 1 ? 'step' : 'steps'} {steps.join(', ')})
            </List.Item>
          ))}
        </List>
      )}
    </section>
  );
}
