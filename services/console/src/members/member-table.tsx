import { Group, Table, Text } from '@mantine/core';
import type { Member } from '@toolplane/api-client';
import { useHere } from '../api/session.ts';
import { ListTable } from '../parts/list-table.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Time } from '../parts/time.tsx';
import { ChangeRole } from './change-role.tsx';
import { scopeOf } from './member.ts';
import { RemoveMember } from './remove-member.tsx';
import { rolesToGive } from './roles-to-give.ts';

export function MemberTable({ members }: { members: Member[] }) {
  return (
    <ListTable label="Members" minWidth={760} columns={['Name', 'Role', 'In', 'Since', 'Last sign-in', 'Actions']}>
      {members.map((member) => (
        <Row key={`${member.personId} ${member.workspaceId}`} member={member} />
      ))}
    </ListTable>
  );
}

function Row({ member }: { member: Member }) {
  const { session } = useHere();
  const isSelf = member.personId === session.person.id;
  return (
    <Table.Tr>
      <Table.Th scope="row">
        <Text fw={600} component="div">
          {member.name} {isSelf ? <StateBadge state={{ label: 'you', tone: 'neutral' }} /> : undefined}
        </Text>
        <Text size="sm" c="dimmed">
          {member.email}
        </Text>
      </Table.Th>
      <Table.Td>{member.role}</Table.Td>
      <Table.Td>
        <PlaceName workspaceId={member.workspaceId} />
      </Table.Td>
      <Table.Td>
        <Time at={member.createdAt} />
      </Table.Td>
      <Table.Td>
        <Time at={member.lastSignInAt} never="never" />
      </Table.Td>
      <Table.Td>{isSelf ? undefined : <Actions member={member} />}</Table.Td>
    </Table.Tr>
  );
}

/** A member of another workspace is managed there. */
function Actions({ member }: { member: Member }) {
  const { place } = useHere();
  const { workspaceId, role } = member;
  const isElsewhere = workspaceId !== null && workspaceId !== place.workspaceId;
  if (isElsewhere || !rolesToGive(place.permissions, scopeOf(member)).includes(role)) return undefined;
  return (
    <Group gap="xs" wrap="nowrap">
      <ChangeRole member={member} />
      <RemoveMember member={member} />
    </Group>
  );
}

function PlaceName({ workspaceId }: { workspaceId: string | null }) {
  const { session } = useHere();
  if (workspaceId === null) return <>the whole organization</>;
  return <>{session.workspaces.find((one) => one.workspaceId === workspaceId)?.workspaceName ?? workspaceId}</>;
}
