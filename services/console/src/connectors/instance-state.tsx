import { Badge, Group } from '@mantine/core';
import type { ConnectorInstance } from './instance.ts';

/** Whether it is there, and what stands between it and calls that work. */
export function InstanceState({ instance }: { instance: ConnectorInstance }) {
  return (
    <Group gap="xs">
      {statesOf(instance).map(({ label, color }) => (
        <Badge key={label} color={color} variant="light">
          {label}
        </Badge>
      ))}
    </Group>
  );
}

function statesOf({ is_enabled, auth_type, has_credentials, test_status, deploy_message }: ConnectorInstance) {
  if (!is_enabled) return [{ label: 'disabled', color: 'gray' }];
  return [
    { label: 'enabled', color: 'green' },
    ...(auth_type === 'none' || has_credentials ? [] : [{ label: 'no credentials', color: 'orange' }]),
    ...(test_status === 'failed' ? [{ label: 'test failed', color: 'red' }] : []),
    ...(test_status === 'success' ? [{ label: 'tested', color: 'green' }] : []),
    ...(deploy_message === null ? [] : [{ label: 'older version', color: 'red' }]),
  ];
}
