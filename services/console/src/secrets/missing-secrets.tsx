import { Alert, Anchor, Code, List } from '@mantine/core';
import type { McpServer, MissingSecret } from '@toolplane/api-client';
import { Link, useParams } from 'react-router';
import { useMay } from '../api/session.ts';
import { useServerConfig } from '../servers/use-server-config.ts';

/** The secrets that the tools of a server need before they can be called, each with a link to set it. */
export function MissingSecrets({ server }: { server: McpServer }) {
  const missing = useServerConfig(server).data?.data.missingSecrets ?? [];
  if (missing.length === 0) return undefined;
  return (
    <Alert color="orange" title="Not all secrets are set: calls that need them fail">
      <List size="sm">
        {missing.map((secret) => (
          <List.Item key={secret.name}>
            <Name of={secret.name} server={server} /> is used by {toUsers(secret)}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function Name({ of, server }: { of: string; server: McpServer }) {
  const { workspaceId } = useParams();
  const maySet = useMay('secrets:write');
  if (!maySet) return <Code>{of}</Code>;
  return (
    <Anchor
      component={Link}
      to={`/${workspaceId}/servers/${server.id}/secrets?set=${of}`}
      inherit
      c="inherit"
      ff="monospace"
    >
      {of}
    </Anchor>
  );
}

const NAMED_MAX = 3;

function toUsers({ usedBy }: MissingSecret): string {
  const named = usedBy.slice(0, NAMED_MAX).map(({ tool }) => tool);
  const more = usedBy.length - named.length;
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ');
}
