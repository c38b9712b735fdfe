import { Button, Code, Group, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useChange } from '../api/use-api.ts';
import { Problem } from '../parts/answers.tsx';
import { ChangedMeanwhile } from '../parts/changed-meanwhile.tsx';
import type { PolicyWarning, ReplacedPolicy, StoredPolicy } from './policy.ts';
import { toPolicyProblems } from './policy-problems.ts';

type Parts = {
  /** The path of the policy in the API. */
  path: string;
  /** The current policy, which may be newer than the one that is edited. */
  stored: StoredPolicy;
  onSaved: (warnings: PolicyWarning[]) => void;
  onCancel: () => void;
};

/** Saves on top of the version from which the edit started, so that changes by somebody else are never lost unseen. */
export function PolicyEditor({ path, stored, onSaved, onCancel }: Parts) {
  const [text, setText] = useState(() => toText(stored));
  const [version, setVersion] = useState(stored.version);
  const save = useChange({
    change: async (api, policy: unknown) =>
      (await api<ReplacedPolicy>('PUT', path, { body: { policy, version } })).data.warnings,
    outdates: [path],
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
          onClick={() => save.mutate(parsed, { onSuccess: onSaved })}
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

function toText({ policy }: StoredPolicy): string {
  return JSON.stringify(policy ?? EXAMPLE, null, 2);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
