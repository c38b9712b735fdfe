import { Badge } from '@mantine/core';

export function ActiveState({ isActive }: { isActive: boolean }) {
  return (
    <Badge color={isActive ? 'green' : 'gray'} variant="light" miw="max-content">
      {isActive ? 'active' : 'deactivated'}
    </Badge>
  );
}
