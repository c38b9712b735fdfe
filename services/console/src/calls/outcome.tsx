import { Code, Group, Text } from '@mantine/core';
import { StateBadge } from '../parts/state-badge.tsx';
import { type Call, OUTCOMES } from './call.ts';

/** How a call ended, and what that means for repeating it. */
export function OutcomeOf({ call: { outcome, code } }: { call: Pick<Call, 'outcome' | 'code'> }) {
  const isError = outcome === 'done' && code !== undefined;
  return (
    <>
      <Group gap="xs">
        <StateBadge state={isError ? { label: 'Done, with an error', tone: 'bad' } : OUTCOMES[outcome]} />
        {code === undefined ? undefined : <Code>{code}</Code>}
      </Group>
      {outcome === 'done' ? undefined : (
        <Text size="xs" c="dimmed">
          {OUTCOMES[outcome].meaning}
        </Text>
      )}
    </>
  );
}
