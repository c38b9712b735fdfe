import { Anchor, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Page } from '../parts/page.tsx';

export function NotHere({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Page title={title}>
      <Text>
        {children ?? 'It may have been removed, or it may be in another workspace.'}{' '}
        <Anchor component={Link} to="/">
          Go to the start page
        </Anchor>
      </Text>
    </Page>
  );
}
