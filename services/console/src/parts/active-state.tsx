import { Badge } from '@mantine/core';

/** `off` is what those are called that are not active. */
export function ActiveState({ isActive, off }: { isActive: boolean; off: string }) {
  return (
    <Badge color={isActive ? 'green' : 'gray'} variant="light" miw="max-content">
      {isActive ? 'active' : off}
    </Badge>
  );
}
