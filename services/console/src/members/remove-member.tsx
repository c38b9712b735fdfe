import type { Member } from '@toolplane/api-client';
import { useHere } from '../api/session.ts';
import { useChange } from '../api/use-api.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { scopeOf } from './member.ts';

export function RemoveMember({ member }: { member: Member }) {
  const { place } = useHere();
  const { personId, name } = member;
  const scope = scopeOf(member);
  const remove = useChange({
    change: (api) => api.DELETE('/members/{personId}', { params: { path: { personId }, query: { scope } } }),
    outdates: ['/members', '/invitations'],
  });
  const from = scope === 'organization' ? `the organization ${place.organizationName}` : place.workspaceName;
  return (
    <ConfirmButton isFinal label="Remove" of={name} change={remove} size="xs">
      {name} leaves {from}: from the next request on, their sessions can do nothing there, access that they have as a
      person is refused, and their open invitations are void. API keys that they created stay; revoke them yourself.
    </ConfirmButton>
  );
}
