import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { EgressRules } from './egress-rules.ts';
import { EgressSummary } from './egress-summary.tsx';

type Parts = { rules: EgressRules; onGoOn: () => void; onDrop: () => void };

/** Somebody else was faster, and what was typed here is still there. */
export function OthersSaved({ rules, onGoOn, onDrop }: Parts) {
  return (
    <Alert color="blue" title="Somebody else saved other rules meanwhile" role="alert">
      <Stack gap="sm">
        <EgressSummary hosts={rules} />
        <Text size="sm">What you typed is above, and is not saved. If you save it, it takes the place of these.</Text>
        <Group>
          <Button variant="default" onClick={onGoOn}>
            Go on with mine
          </Button>
          <Button variant="default" onClick={onDrop}>
            Drop mine
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
