import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

type Parts = {
  /** What somebody else has changed, for instance `the policy`. */
  what: string;
  /** The current state. */
  children?: ReactNode;
  /** Absent if no typed text can be lost. */
  choice?: { goOn: () => void; drop: () => void };
};

/** Shown if somebody else saved first: their changes are not overwritten unseen, and typed text is not lost. */
export function ChangedMeanwhile({ what, children, choice }: Parts) {
  return (
    <Alert color="orange" title={`Somebody else has changed ${what} in the meantime`} role="alert">
      <Stack gap="sm">
        {children}
        <Text size="sm">
          {choice === undefined
            ? 'Nothing was saved. The current state is shown: repeat your change if you still want it.'
            : 'Your changes are still here, and are not saved. If you keep them, they replace the other changes.'}
        </Text>
        {choice === undefined ? undefined : (
          <Group>
            <Button variant="default" onClick={choice.goOn}>
              Keep my changes
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
