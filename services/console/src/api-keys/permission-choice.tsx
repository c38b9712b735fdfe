import { Button, Checkbox, Group, SimpleGrid, Text } from '@mantine/core';
import type { Place } from '@toolplane/api-client';
import { type PersonPermission, useHere } from '../api/session.ts';

type Permissions = Place['permissions'];
type Parts = { chosen: Permissions; error: string | undefined; onChange: (permissions: Permissions) => void };

/** Nobody can grant permissions that they lack, but anybody may remove permissions that a key already has. */
export function PermissionChoice({ chosen, error, onChange }: Parts) {
  const own = useHere().place.permissions;
  const offered = [...new Set([...own, ...chosen])];
  return (
    <Checkbox.Group label="Permissions" error={error} value={chosen} onChange={onChange}>
      <Group gap="xs" mt="xs">
        <Text size="sm">Choose the permissions</Text>
        {PRESETS.map(({ label, permissions = own }) => (
          <Button
            key={label}
            size="compact-sm"
            variant="default"
            onClick={() => onChange(permissions.filter((permission) => own.includes(permission)))}
          >
            {label}
          </Button>
        ))}
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 2 }} mt="xs" spacing="xs">
        {offered.map((permission) => (
          <Checkbox
            key={permission}
            value={permission}
            label={permission}
            description={ABOUT[permission as PersonPermission]}
          />
        ))}
      </SimpleGrid>
    </Checkbox.Group>
  );
}

const PRESETS: readonly { label: string; permissions?: readonly PersonPermission[] }[] = [
  { label: 'for an agent', permissions: ['tools:call'] },
  { label: 'for deploying', permissions: ['servers:read', 'servers:write', 'secrets:write'] },
  { label: 'you have' },
];

const ABOUT: Record<PersonPermission, string> = {
  'tools:call': 'Call tools over MCP',
  'servers:read': 'See servers, their tools, connectors and calls',
  'servers:write': 'Create and change servers, and deploy to them',
  'secrets:write': 'Store and delete secrets and credentials',
  'connectors:write': 'Register connectors for the organization',
  'debug:write': 'Open debug sessions',
  'api-keys:write': 'Create, change and revoke keys',
  'policies:write': 'Change who may call which tools',
  'approvals:write': 'See and decide calls that are waiting for approval',
  'agents:write': 'Create and change agents, and keys for them',
  'audit:read': 'Read the audit log',
  'members:write': 'Invite and remove people',
  'workspaces:write': 'Create and change workspaces',
  'organization:write': 'Change the organization and its single sign-on',
};
