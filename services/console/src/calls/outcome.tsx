import { Code, Group, Text } from '@mantine/core';
import type { Call } from '@toolplane/api-client';
import { StateBadge } from '../parts/state-badge.tsx';
import { OUTCOMES } from './call.ts';

/** An edge of a newer version may record outcomes that are not known here. */
const known: Partial<Record<string, (typeof OUTCOMES)['done']>> = OUTCOMES;

/** How a call ended, and what that means for repeating it. */
export function OutcomeOf({ call: { outcome, code } }: { call: Pick<Call, 'outcome' | 'code'> }) {
  const isError = outcome === 'done' && code !== undefined;
  const { meaning, ...state } = known[outcome] ?? { label: outcome, tone: 'idle', meaning: '' };
  return (
    <>
      <Group gap="xs">
        <StateBadge state={isError ? { label: 'Done, with an error', tone: 'bad' } : state} />
        {code === undefined ? undefined : <Code>{code}</Code>}
      </Group>
      {outcome === 'done' ? undefined : (
        <Text size="xs" c="dimmed">
          {meaning}
        </Text>
      )}
    </>
  );
}
