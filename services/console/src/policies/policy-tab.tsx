import { Alert, Button, Group, List, Stack, Title } from '@mantine/core';
import type { McpServer, McpServerPolicy, PolicyWarning } from '@toolplane/api-client';
import { useState } from 'react';
import { useMay } from '../api/session.ts';
import { useAnswer, useChange } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { ExplainCall } from './explain-call.tsx';
import { PolicyEditor } from './policy-editor.tsx';
import { PolicySummary } from './policy-summary.tsx';

/** Who may call which tool of a server, and what would happen to a call. */
export function PolicyTab({ server }: { server: McpServer }) {
  const stored = useAnswer('/mcp-servers/{id}/policy', { path: { id: server.id } });
  return (
    <WhenAnswered answer={stored}>
      {({ data }) => (
        <Stack gap="xl">
          <Kept server={server} stored={data} />
          <ExplainCall server={server} version={data.version} />
        </Stack>
      )}
    </WhenAnswered>
  );
}

function Kept({ server, stored }: { server: McpServer; stored: McpServerPolicy }) {
  const [isEdited, setEdited] = useState(false);
  const [warnings, setWarnings] = useState<PolicyWarning[]>([]);
  const edit = () => {
    setWarnings([]);
    setEdited(true);
  };
  const showSaved = (those: PolicyWarning[]) => {
    setWarnings(those);
    setEdited(false);
  };
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={2} size="h3">
          Policy
        </Title>
        {useMay('policies:write') && !isEdited ? <Actions server={server} stored={stored} onEdit={edit} /> : undefined}
      </Group>
      {warnings.length === 0 ? undefined : <Warnings warnings={warnings} />}
      {isEdited ? (
        <PolicyEditor server={server} stored={stored} onSaved={showSaved} onCancel={() => setEdited(false)} />
      ) : (
        <Shown stored={stored} />
      )}
    </Stack>
  );
}

function Shown({ stored: { policy } }: { stored: McpServerPolicy }) {
  if (policy !== null) return <PolicySummary policy={policy} />;
  return (
    <NothingYet>
      There is no policy: everyone who may use the server may call all of its tools, prompts and resources.
    </NothingYet>
  );
}

type ActionParts = { server: McpServer; stored: McpServerPolicy; onEdit: () => void };

function Actions({ server: { id }, stored, onEdit }: ActionParts) {
  const { version } = stored;
  const remove = useChange({
    change: (api) =>
      api.DELETE('/mcp-servers/{id}/policy', { params: { path: { id }, header: { 'if-match': `"${version}"` } } }),
    outdates: [`/mcp-servers/${id}/policy`],
  });
  return (
    <Group>
      {stored.policy === null ? undefined : (
        <ConfirmButton key={version} isFinal label="Remove the policy" change={remove}>
          Everyone who may use the server may then call all of its tools, as soon as the edges receive the change.
        </ConfirmButton>
      )}
      <Button onClick={onEdit}>{stored.policy === null ? 'Write a policy' : 'Edit'}</Button>
    </Group>
  );
}

function Warnings({ warnings }: { warnings: PolicyWarning[] }) {
  return (
    <Alert color="orange" title="Saved, but it names things that do not currently exist" role="status">
      <List size="sm">
        {warnings.map(({ path, message, suggestions }) => (
          <List.Item key={`${path} ${message}`}>
            {path}: {message}
            {suggestions.length === 0 ? '' : ` (did you mean ${suggestions.join(' or ')}?)`}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
