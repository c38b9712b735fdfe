import { Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';

type Parts = {
  title: string;
  about?: ReactNode;
  /** Actions for the whole page, to the right of the title. */
  actions?: ReactNode;
  children: ReactNode;
};

/** A page. Its title is also the title of the window. */
export function Page({ title, about, actions, children }: Parts) {
  useEffect(() => {
    document.title = `${title} – Toolplane`;
  }, [title]);
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={1} size="h2">
            {title}
          </Title>
          {about === undefined || about === '' ? undefined : (
            <Text c="dimmed" maw={640}>
              {about}
            </Text>
          )}
        </div>
        {actions}
      </Group>
      {children}
    </Stack>
  );
}
