import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import type { ExternalSignIn, McpServer, ReportedExternalMcpServer } from '@toolplane/api-client';
import { useMay } from '../api/session.ts';
import { useChange } from '../api/use-api.ts';
import { Problem } from '../parts/answers.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { Time } from '../parts/time.tsx';

type Parts = { server: McpServer; external: ReportedExternalMcpServer };

/** Shows whether the platform is signed in to an external server. The sign-in applies to all callers of its tools. */
export function SignIn({ server, external: { name, authorization } }: Parts) {
  const params = { path: { id: server.id, name } };
  const start = useChange({
    change: async (api) => (await api.POST('/mcp-servers/{id}/external/{name}/sign-in', { params, body: {} })).data,
    outdates: [],
    onDoneHere: ({ authorizationUrl }) => window.open(authorizationUrl, '_blank', 'noopener,noreferrer'),
  });
  const end = useChange({
    change: (api) => api.DELETE('/mcp-servers/{id}/external/{name}/sign-in', { params }),
    outdates: [`/mcp-servers/${server.id}`],
  });
  const mayWrite = useMay('servers:write');
  const isSignedIn = authorization.state === 'signed_in';
  return (
    <Stack gap="xs">
      <Group gap="sm">
        <Text size="sm">{STATES[authorization.state]}</Text>
        {isSignedIn ? <Text size="sm">{toOrigin(authorization)}</Text> : undefined}
        {isSignedIn ? <Time at={authorization.signedInAt} /> : undefined}
        {mayWrite && !isSignedIn ? (
          <Button
            size="xs"
            loading={start.isPending}
            onClick={() => start.mutate()}
            variant={authorization.state === 'needed' ? 'filled' : 'default'}
          >
            Sign in
          </Button>
        ) : undefined}
        {mayWrite && isSignedIn ? (
          <ConfirmButton label={`Sign out of ${name}`} change={end} size="xs">
            The platform deletes the tokens, and calls carry none. Revoke the access at the server as well: it is not
            notified.
          </ConfirmButton>
        ) : undefined}
      </Group>
      {start.isError ? <Problem error={start.error} title="No sign-in" /> : undefined}
      {start.isSuccess && !isSignedIn ? <Continue started={start.data} /> : undefined}
    </Stack>
  );
}

const STATES = {
  none: 'Nobody is signed in to it, and it has not asked for a sign-in.',
  needed: 'It requires a sign-in: until then, its tools cannot be called.',
  signed_in: 'Signed in, for all callers of its tools',
} as const;

function toOrigin({ issuer, scope }: ReportedExternalMcpServer['authorization']): string {
  return [issuer === null ? '' : `at ${issuer}`, scope === null ? '' : `for ${scope}`].filter(Boolean).join(' ');
}

/** The link in case the browser refused to open the window automatically. */
function Continue({ started: { authorizationUrl, expiresAt } }: { started: ExternalSignIn }) {
  return (
    <Text size="sm" role="status">
      Use the window that was opened to sign in, or{' '}
      <Anchor href={authorizationUrl} target="_blank" rel="noopener noreferrer">
        open it at {new URL(authorizationUrl).host}
      </Anchor>
      . The address is valid for one sign-in, until <Time at={expiresAt} />. Choose an account with no more rights than
      the tools need: every caller of the tools acts with it.
    </Text>
  );
}
