import { Card, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** Shown instead of an empty list: what it would contain, and what to do. */
export function NothingYet({ children }: { children: ReactNode }) {
  return (
    <Card withBorder p="xl">
      <Text c="dimmed" ta="center">
        {children}
      </Text>
    </Card>
  );
}
