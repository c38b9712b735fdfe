import { Button, Menu, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import type { Session } from '@toolplane/api-client';
import { toSentences } from '../api/api-error.ts';
import { createHostApi, send, withToken } from '../api/send.ts';

export function PersonMenu({ session }: { session: Session }) {
  const signOut = useMutation({
    mutationFn: () =>
      createHostApi({ send: (request) => send(withToken(request, session.csrfToken)) }).DELETE('/session'),
    onError: (error) =>
      notifications.show({ color: 'red', title: 'You are still signed in', message: toSentences(error).join(' ') }),
    onSuccess: () => location.assign('/sign-in?return_to=%2Fconsole%2F'),
  });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" color="gray" px="xs" miw={0}>
          <Text span inherit truncate>
            {session.person.name}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{session.person.email}</Menu.Label>
        <Menu.Item component="a" href="/account">
          Your account
        </Menu.Item>
        <Menu.Item onClick={() => signOut.mutate()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
