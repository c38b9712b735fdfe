import { Radio, Stack, Text, TextInput } from '@mantine/core';
import type { ShownInvitation } from '@toolplane/api-client';
import type { MembershipScope, Role } from '@toolplane/contracts';
import { type FormEvent, useState } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { useHere, useMay } from '../api/session.ts';
import { useChange } from '../api/use-api.ts';
import { CopiedText } from '../parts/copied-text.tsx';
import { FormEnd } from '../parts/form-end.tsx';
import { ShownOnceDialog } from '../parts/shown-once-dialog.tsx';
import { Time } from '../parts/time.tsx';
import { RoleChoice } from './role-choice.tsx';

type Wanted = { scope: MembershipScope; role: Role; email?: string };

/** The API returns the link only once. It cannot be shown again after the dialog is closed. */
export function NewInvitation() {
  return (
    <ShownOnceDialog<ShownInvitation>
      label="Invite somebody"
      title="Invite somebody"
      shown={(invitation) => <Made invitation={invitation} />}
    >
      {(show) => <Form onMade={show} />}
    </ShownOnceDialog>
  );
}

function Made({ invitation: { email, link, expiresAt } }: { invitation: ShownInvitation }) {
  return (
    <>
      <Text>
        Pass this link on over a channel that you trust: it is not sent to anybody, and is shown only now.{' '}
        {email === null
          ? 'The first person who opens it becomes the member.'
          : `Only somebody with the address ${email} can use it.`}
      </Text>
      <CopiedText text={link} what="the invitation link" />
      <Text size="sm" c="dimmed">
        Good once, until <Time at={expiresAt} />
      </Text>
    </>
  );
}

function Form({ onMade }: { onMade: (made: ShownInvitation) => void }) {
  const { place } = useHere();
  const [scope, setScope] = useState<MembershipScope>('workspace');
  const [role, setRole] = useState<Role>('viewer');
  const [email, setEmail] = useState('');
  const invite = useChange({
    change: async (api, body: Wanted) => (await api.POST('/invitations', { body })).data,
    outdates: ['/invitations'],
    onDone: onMade,
  });
  const { at, rest } = toFormProblems(invite.error, ['scope', 'role', 'email']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate({ scope, role, ...(email === '' ? {} : { email }) });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {useMay('workspaces:write') ? (
          <Radio.Group
            label="Into"
            error={at['scope']}
            value={scope}
            onChange={(value) => setScope(value === 'organization' ? 'organization' : 'workspace')}
          >
            <Stack gap="xs" mt="xs">
              <Radio value="workspace" label={`The workspace ${place.workspaceName}`} />
              <Radio value="organization" label={`All workspaces of ${place.organizationName}`} />
            </Stack>
          </Radio.Group>
        ) : undefined}
        <RoleChoice scope={scope} role={role} error={at['role']} onChange={setRole} />
        <TextInput
          label="E-mail address"
          type="email"
          error={at['email']}
          value={email}
          description="If you name one, nobody else can accept it. Nothing is sent"
          onChange={({ currentTarget }) => setEmail(currentTarget.value)}
        />
        <FormEnd change={invite} rest={rest} submitLabel="Create link" />
      </Stack>
    </form>
  );
}
