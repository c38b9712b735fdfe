import { Button, Code, Group, Stack, Text, Textarea } from '@mantine/core';
import type { McpServer, McpServerPolicy, Policy, PolicyWarning } from '@toolplane/api-client';
import { useState } from 'react';
import { useChange } from '../api/use-api.ts';
import { Problem } from '../parts/answers.tsx';
import { ChangedMeanwhile } from '../parts/changed-meanwhile.tsx';
import { toPolicyProblems } from './policy-problems.ts';

type Parts = {
  server: McpServer;
  /** The current policy, which may be newer than the one that is edited. */
  stored: McpServerPolicy;
  onSaved: (warnings: PolicyWarning[]) => void;
  onCancel: () => void;
};

/** Saves on top of the version from which the edit started, so that changes by somebody else are never lost unseen. */
export function PolicyEditor({ server: { id }, stored, onSaved, onCancel }: Parts) {
  const [text, setText] = useState(() => toText(stored));
  const [version, setVersion] = useState(stored.version);
  const save = useChange({
    // The API checks what was typed.
    change: async (api, policy: Policy) =>
      (await api.PUT('/mcp-servers/{id}/policy', { params: { path: { id } }, body: { policy, version } })).data
        .warnings,
    outdates: [`/mcp-servers/${id}/policy`],
  });
  const parsed = parse(text);
  const { inPolicy, rest } = toPolicyProblems(save.error);
  const isBehind = stored.version > version && !save.isPending;
  const keep = () => {
    save.reset();
    setVersion(stored.version);
  };
  const take = () => {
    keep();
    setText(toText(stored));
  };
  return (
    <Stack>
      <Textarea
        label="Policy as JSON"
        value={text}
        autosize
        minRows={10}
        maxRows={30}
        spellCheck={false}
        onChange={({ currentTarget }) => {
          save.reset();
          setText(currentTarget.value);
        }}
        error={parsed === undefined ? 'This is not JSON' : toLines(inPolicy)}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      />
      {rest === undefined || isBehind ? undefined : <Problem error={rest} title="Not saved" />}
      {isBehind ? (
        <ChangedMeanwhile what="the policy" choice={{ goOn: keep, drop: take }}>
          <Code block>{stored.policy === null ? 'The policy was removed.' : toText(stored)}</Code>
        </ChangedMeanwhile>
      ) : undefined}
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button
          onClick={() => save.mutate(parsed as Policy, { onSuccess: onSaved })}
          loading={save.isPending}
          disabled={parsed === undefined || isBehind}
        >
          Save the policy
        </Button>
      </Group>
    </Stack>
  );
}

function toLines(problems: string[]) {
  if (problems.length === 0) return undefined;
  return problems.map((problem) => (
    <Text key={problem} span inherit display="block">
      {problem}
    </Text>
  ));
}

/** The initial text if there is no policy. */
const EXAMPLE = {
  unmatched: 'allow',
  rules: [{ id: 'no-destroying', effect: 'deny', tools: { annotations: { destructiveHint: true } } }],
  limits: [],
};

function toText({ policy }: McpServerPolicy): string {
  return JSON.stringify(policy ?? EXAMPLE, null, 2);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
