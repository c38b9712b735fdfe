import { Badge } from '@mantine/core';
import { type ApiKey, stateOf } from './api-key.ts';

export function KeyState({ of }: { of: ApiKey }) {
  const { label, color } = stateOf(of);
  return (
    <Badge color={color} variant="light" miw="max-content">
      {label}
    </Badge>
  );
}
