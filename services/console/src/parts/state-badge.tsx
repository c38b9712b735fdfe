import { Badge } from '@mantine/core';
import { COLORS, type State } from './state.ts';

/** Shows a state in a word or two. */
export function StateBadge({ state: { label, tone } }: { state: State }) {
  return (
    <Badge variant="light" color={COLORS[tone]} tt="none" miw="max-content">
      {label}
    </Badge>
  );
}
