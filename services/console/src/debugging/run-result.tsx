import { Alert, Code, Stack, Text, Title } from '@mantine/core';
import { OUTCOMES } from '../calls/call.ts';
import type { DebugRun } from './debug-session.ts';
import { TraceTree } from './trace-tree.tsx';

/** What an agent would receive from a run, and what only the debugger sees. */
export function RunResult({ run }: { run: DebugRun }) {
  const { outcome, outputs, error, trace } = run;
  return (
    <Stack aria-live="polite">
      <Title order={2} size="h4">
        {OUTCOMES[outcome].label}
      </Title>
      <Text size="sm">{OUTCOMES[outcome].meaning}</Text>
      {error === undefined ? undefined : (
        <Alert color="red" title={error.code}>
          {error.message}
        </Alert>
      )}
      {outputs === null || outputs === undefined ? undefined : (
        <div>
          <Text size="sm" fw={600}>
            What the agent receives
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
