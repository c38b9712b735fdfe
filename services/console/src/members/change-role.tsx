import { Button, Modal, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { Role } from '@toolplane/contracts';
import { type FormEvent, useState } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { useChange } from '../api/use-api.ts';
import { FormEnd } from '../parts/form-end.tsx';
import { type Member, scopeOf } from './member.ts';
import { RoleChoice } from './role-choice.tsx';

export function ChangeRole({ member }: { member: Member }) {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" size="xs" onClick={open} aria-label={`Change the role of ${member.name}`}>
        Change role
      </Button>
      <Modal opened={isOpen} onClose={close} title={`Role of ${member.name}`}>
        <Form member={member} onDone={close} />
      </Modal>
    </>
  );
}

function Form({ member, onDone }: { member: Member; onDone: () => void }) {
  const { personId, role: present } = member;
  const scope = scopeOf(member);
  const [role, setRole] = useState(present);
  const change = useChange({
    change: (api, wanted: Role) => api('PATCH', `/members/${personId}`, { body: { scope, role: wanted } }),
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
