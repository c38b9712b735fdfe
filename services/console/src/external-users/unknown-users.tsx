import { Card, Group, Text } from '@mantine/core';
import type { Workspace } from '@toolplane/api-client';
import { useHere, useMay } from '../api/session.ts';
import { useAnswer, useChange } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';

/** How a name that no call has used before is handled. */
export function UnknownUsers() {
  const { workspaceId } = useHere().place;
  const workspace = useAnswer('/workspaces/{id}', { path: { id: workspaceId } });
  return <WhenAnswered answer={workspace}>{({ data }) => <Choice workspace={data} />}</WhenAnswered>;
}

function Choice({ workspace: { id, unknownUsers } }: { workspace: Workspace }) {
  const mayChange = useMay('workspaces:write');
  const refuse = useUnknownUsers(id, 'refuse');
  const create = useUnknownUsers(id, 'create');
  const isRefused = unknownUsers === 'refuse';
  return (
    <Card withBorder>
      <Group justify="space-between">
        <Text size="sm" maw={640}>
          {isRefused
            ? 'Calls with a user name that is not listed here are refused.'
            : 'Calls may use any name. A name is listed here once it has credentials or needs an approval.'}
        </Text>
        {mayChange && isRefused ? (
          <ConfirmButton key="create" label="Accept unknown names" change={create} size="xs">
            Every name that a key sends in x-username is accepted. Deactivated users are still refused.
          </ConfirmButton>
        ) : undefined}
        {mayChange && !isRefused ? (
          <ConfirmButton key="refuse" label="Refuse unknown names" change={refuse} size="xs">
            From now on, calls with a user name that is not listed here get 404. Create the users that are to be
            accepted.
          </ConfirmButton>
        ) : undefined}
      </Group>
    </Card>
  );
}

function useUnknownUsers(id: string, unknownUsers: Workspace['unknownUsers']) {
  return useChange({
    change: (api) => api.PATCH('/workspaces/{id}', { params: { path: { id } }, body: { unknownUsers } }),
    outdates: ['/workspaces'],
  });
}
