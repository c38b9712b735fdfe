import { Alert, Text } from '@mantine/core';
import type { ConnectionTest } from '@toolplane/api-client';

export function TestOutcome({
  tested: { status, message, http_status },
  whose,
}: {
  tested: ConnectionTest;
  whose: string;
}) {
  const isSuccess = status === 'success';
  return (
    <Alert color={isSuccess ? 'green' : 'red'} title={isSuccess ? 'It works' : 'It does not work'} role="status">
      <Text size="sm">{message}</Text>
      <Text size="sm" c="dimmed">
        With the credentials {whose}.{' '}
        {http_status === null ? 'There was no answer.' : `The API answered ${http_status}.`}
      </Text>
    </Alert>
  );
}
