import { ColorSwatch, Group, Progress, Stack, Text } from '@mantine/core';
import type { Call } from '@toolplane/api-client';
import { toDuration } from '../parts/duration.ts';

/** Where the time of a call went, as a bar and in words. */
export function TimeSplit({ call }: { call: Call }) {
  const parts = toParts(call).filter(({ ms }) => ms > 0);
  const sum = parts.reduce((all, { ms }) => all + ms, 0);
  return (
    <Stack gap="xs">
      <Progress.Root size="lg" aria-hidden>
        {parts.map(({ label, ms, color }) => (
          <Progress.Section key={label} value={(100 * ms) / sum} color={color} />
        ))}
      </Progress.Root>
      {parts.map(({ label, ms, color }) => (
        <Group key={label} gap="xs" wrap="nowrap">
          <ColorSwatch color={`var(--mantine-color-${color}-filled)`} size={12} />
          <Text size="sm">
            {toDuration(ms)} {label}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}

function toParts({ durationMs, queueMs = 0, executionMs = 0, upstreamMs = 0 }: Call) {
  // Upstreams that are called at the same time may add up to more than the execution time.
  const waited = Math.min(upstreamMs, executionMs);
  return [
    { label: 'at the edge: arguments, policies, admission', ms: durationMs - queueMs - executionMs, color: 'gray' },
    { label: 'in the queue, to a worker and back', ms: queueMs, color: 'orange' },
    { label: 'waiting for upstreams', ms: waited, color: 'blue' },
    { label: 'other execution', ms: executionMs - waited, color: 'teal' },
  ];
}
