import { Stack } from '@mantine/core';
import type { Member } from '@toolplane/api-client';
import type { Role } from '@toolplane/contracts';
import { type FormEvent, useState } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { useChange } from '../api/use-api.ts';
import { DialogButton } from '../parts/dialog-button.tsx';
import { FormEnd } from '../parts/form-end.tsx';
import { scopeOf } from './member.ts';
import { RoleChoice } from './role-choice.tsx';

export function ChangeRole({ member }: { member: Member }) {
  return (
    <DialogButton
      label="Change role"
      title={`Role of ${member.name}`}
      button={{ variant: 'default', size: 'xs', 'aria-label': `Change the role of ${member.name}` }}
    >
      {(close) => <Form member={member} onDone={close} />}
    </DialogButton>
  );
}

function Form({ member, onDone }: { member: Member; onDone: () => void }) {
  const { personId, role: present } = member;
  const scope = scopeOf(member);
  const [role, setRole] = useState(present);
  const change = useChange({
    change: (api, wanted: Role) =>
      api.PATCH('/members/{personId}', { params: { path: { personId } }, body: { scope, role: wanted } }),
    outdates: ['/members', '/invitations'],
  });
  const { at, rest } = toFormProblems(change.error, ['role']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(role, { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <RoleChoice scope={scope} role={role} error={at['role']} onChange={setRole} />
        <FormEnd change={change} rest={rest} submitLabel="Change the role" button={{ disabled: role === present }} />
      </Stack>
    </form>
  );
}
