import { Group } from '@mantine/core';
import type { ConnectorInstance } from '@toolplane/api-client';
import type { State } from '../parts/state.ts';
import { StateBadge } from '../parts/state-badge.tsx';

/** Shows whether the instance is enabled, and what prevents its calls from working. */
export function InstanceState({ instance }: { instance: ConnectorInstance }) {
  return (
    <Group gap="xs">
      {statesOf(instance).map((state) => (
        <StateBadge key={state.label} state={state} />
      ))}
    </Group>
  );
}

function statesOf(instance: ConnectorInstance): State[] {
  const { is_enabled, auth_type, has_credentials, test_status, deploy_message } = instance;
  if (!is_enabled) return [{ label: 'disabled', tone: 'idle' }];
  const states: (State | false)[] = [
    { label: 'enabled', tone: 'good' },
    auth_type !== 'none' && !has_credentials && { label: 'no credentials', tone: 'warning' },
    test_status === 'failed' && { label: 'test failed', tone: 'bad' },
    test_status === 'success' && { label: 'tested', tone: 'good' },
    deploy_message !== null && { label: 'older version', tone: 'bad' },
  ];
  return states.filter((state) => state !== false);
}
