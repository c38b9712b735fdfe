import { Alert, Code, Stack, Text, Title } from '@mantine/core';
import type { DebugRun } from './debug-session.ts';
import { TraceTree } from './trace-tree.tsx';

const OUTCOMES = {
  done: 'Done',
  not_started: 'Not started: nothing was sent, so it may be repeated',
  unknown: 'Unknown: something was sent, and what became of it is not known',
};

/** What an agent would get of a run, and what only its debugger sees. */
export function RunResult({ run }: { run: DebugRun }) {
  const { outcome, outputs, error, trace } = run;
  return (
    <Stack aria-live="polite">
      <Title order={2} size="h4">
        {OUTCOMES[outcome]}
      </Title>
      {error === undefined ? undefined : (
        <Alert color="red" title={error.code}>
          {error.message}
        </Alert>
      )}
      {outputs === null || outputs === undefined ? undefined : (
        <div>
          <Text size="sm" fw={600}>
            What the agent is given
          </Text>
          <Code block>{JSON.stringify(outputs, null, 2)}</Code>
        </div>
      )}
      {trace === null ? (
        <Text size="sm">No data plane ran it, so there are no steps.</Text>
      ) : (
        <div>
          <Text size="sm" fw={600}>
            Steps
          </Text>
          <TraceTree flow={trace} />
        </div>
      )}
    </Stack>
  );
}
