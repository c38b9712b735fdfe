import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { McpServer } from '@toolplane/api-client';
import { useSearchParams } from 'react-router';
import { useMay } from '../api/session.ts';
import { MissingSecrets } from './missing-secrets.tsx';
import { SecretList } from './secret-list.tsx';
import { ShownSecret } from './shown-secret.tsx';
import { StoreSecret } from './store-secret.tsx';

/**
 * `?secret=NAME` shows a secret, and `?set=NAME` asks for its value. Other pages link to both. `?set=` also asks for
 * the name.
 */
export function SecretsTab({ server }: { server: McpServer }) {
  const [search, setSearch] = useSearchParams();
  const mayWrite = useMay('secrets:write');
  const shown = search.get('secret');
  const wanted = search.get('set');
  const show = (name: string | null) => setSearch(name === null ? {} : { secret: name });
  const ask = (name: string) => setSearch(shown === null ? { set: name } : { secret: shown, set: name });
  return (
    <Stack>
      {shown === null ? (
        <>
          <Group justify="space-between" align="flex-start">
            <Text c="dimmed" maw={640}>
              A document refers to them as <code>$secrets.NAME</code>. Each is sent only to the hosts that it was
              encrypted for, and nobody can read it again, here or through the API.
            </Text>
            {mayWrite ? <Button onClick={() => ask('')}>Set a secret</Button> : undefined}
          </Group>
          {server.connectorInstanceId === null ? undefined : (
            <Alert>The credentials of this connector are not here: set them at its instance.</Alert>
          )}
          <MissingSecrets server={server} />
          <SecretList server={server} />
        </>
      ) : (
        <ShownSecret key={shown} server={server} name={shown} onReplace={() => ask(shown)} onLeave={() => show(null)} />
      )}
      {mayWrite ? <StoreSecret server={server} name={wanted} onClose={() => show(shown)} onStored={show} /> : undefined}
    </Stack>
  );
}
