import { Alert, Button, Group, List, Stack, Title } from '@mantine/core';
import { useState } from 'react';
import { useMay } from '../api/session.ts';
import { useAnswer, useChange } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import type { McpServer } from '../servers/server.ts';
import { ExplainCall } from './explain-call.tsx';
import type { PolicyWarning, StoredPolicy } from './policy.ts';
import { PolicyEditor } from './policy-editor.tsx';
import { PolicySummary } from './policy-summary.tsx';

/** Who may call which tool of a server, and what would happen to a call. */
export function PolicyTab({ server }: { server: McpServer }) {
  const path = `/mcp-servers/${server.id}/policy`;
  const stored = useAnswer<StoredPolicy>(path);
  return (
    <WhenAnswered answer={stored}>
      {({ data }) => (
        <Stack gap="xl">
          <Kept path={path} stored={data} />
          <ExplainCall server={server} version={data.version} />
        </Stack>
      )}
    </WhenAnswered>
  );
}

function Kept({ path, stored }: { path: string; stored: StoredPolicy }) {
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
        {useMay('policies:write') && !isEdited ? <Actions path={path} stored={stored} onEdit={edit} /> : undefined}
      </Group>
      {warnings.length === 0 ? undefined : <Warnings warnings={warnings} />}
      {isEdited ? (
        <PolicyEditor path={path} stored={stored} onSaved={showSaved} onCancel={() => setEdited(false)} />
      ) : (
        <Shown stored={stored} />
      )}
    </Stack>
  );
}

function Shown({ stored: { policy } }: { stored: StoredPolicy }) {
  if (policy !== null) return <PolicySummary policy={policy} />;
  return (
    <NothingYet>
      There is no policy: everyone who may use the server may call all of its tools, prompts and resources.
    </NothingYet>
  );
}

function Actions({ path, stored, onEdit }: { path: string; stored: StoredPolicy; onEdit: () => void }) {
  const { version } = stored;
  const remove = useChange({ change: (api) => api('DELETE', path, { version }), outdates: [path] });
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
