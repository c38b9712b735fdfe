import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

type Parts = {
  /** What somebody else was faster with: `the policy`. */
  what: string;
  /** As it is now. */
  children?: ReactNode;
  /** Absent where nothing is typed that could be lost. */
  choice?: { goOn: () => void; drop: () => void };
};

/** Somebody else was faster: nothing of theirs is replaced unseen, and nothing of what was typed here is lost. */
export function ChangedMeanwhile({ what, children, choice }: Parts) {
  return (
    <Alert color="orange" title={`Somebody else has changed ${what} meanwhile`} role="alert">
      <Stack gap="sm">
        {children}
        <Text size="sm">
          {choice === undefined
            ? 'Nothing was saved. You see how it is now: do it again if you still want it.'
            : 'What you typed is still there, and is not saved. If you go on with it, it takes the place of theirs.'}
        </Text>
        {choice === undefined ? undefined : (
          <Group>
            <Button variant="default" onClick={choice.goOn}>
              Go on with mine
            </Button>
            <Button variant="default" onClick={choice.drop}>
              Drop mine
            </Button>
          </Group>
        )}
      </Stack>
    </Alert>
  );
}
