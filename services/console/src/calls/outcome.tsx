import { Badge, Code, Group, Text } from '@mantine/core';
import { type Call, OUTCOMES } from './call.ts';

/** How a call ended, and what that means for whoever thinks of making it again. */
export function OutcomeOf({ call: { outcome, code } }: { call: Pick<Call, 'outcome' | 'code'> }) {
  const { label, meaning, color } = OUTCOMES[outcome];
  const isError = outcome === 'done' && code !== undefined;
  return (
    <>
      <Group gap="xs">
        <Badge variant={outcome === 'unknown' ? 'filled' : 'light'} color={isError ? 'red' : color}>
          {isError ? 'Done, with an error' : label}
        </Badge>
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
