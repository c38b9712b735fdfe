import { SimpleGrid, Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** Named facts about a thing. Unknown ones are left out. */
export function Facts({ facts }: { facts: Readonly<Record<string, ReactNode>> }) {
  return (
    <SimpleGrid component="dl" cols={{ base: 1, xs: 2, md: 3 }} spacing="md" m={0}>
      {Object.entries(facts).map(([name, fact]) =>
        fact === undefined || fact === null || fact === '' ? undefined : (
          <div key={name}>
            <Text component="dt" size="sm" c="dimmed">
              {name}
            </Text>
            <Text component="dd" size="sm" m={0}>
              {fact}
            </Text>
          </div>
        ),
      )}
    </SimpleGrid>
  );
}
