import { Radio, Stack } from '@mantine/core';
import type { MembershipScope, Role } from '@toolplane/contracts';
import { useHere } from '../api/session.ts';
import { rolesToGive } from './roles-to-give.ts';

/** What the role may do in addition to the previous one. */
const ABOUT: Record<Role, Record<MembershipScope, string>> = {
  viewer: { workspace: 'Sees servers and calls tools', organization: 'Sees servers and calls tools' },
  maintainer: {
    workspace: 'Also changes servers and their secrets, and debugs',
    organization: 'Also changes servers, their secrets and connectors, and debugs',
  },
  admin: {
    workspace: 'Also manages keys, agents, policies, approvals, members and the audit log',
    organization: 'Also manages keys, agents, policies, approvals, members, workspaces and the audit log',
  },
  owner: {
    workspace: 'Like an admin; only owners of the organization can change this role',
    organization: 'Everything, including single sign-on and other owners',
  },
};

type Parts = { scope: MembershipScope; role: Role; error: string | undefined; onChange: (role: Role) => void };

/** The roles that the signed-in person may assign. */
export function RoleChoice({ scope, role, error, onChange }: Parts) {
  const offered = rolesToGive(useHere().place.permissions, scope);
  const choose = (value: string) => {
    const chosen = offered.find((each) => each === value);
    if (chosen !== undefined) onChange(chosen);
  };
  return (
    <Radio.Group label="Role" error={error} value={role} onChange={choose}>
      <Stack gap="xs" mt="xs">
        {offered.map((each) => (
          <Radio key={each} value={each} label={each} description={ABOUT[each][scope]} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
