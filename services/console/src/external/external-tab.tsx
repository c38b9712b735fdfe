import { Group, Stack, Text } from '@mantine/core';
import type { McpServer } from '@toolplane/api-client';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { AttachServer } from './attach-server.tsx';
import { AttachedServer } from './attached-server.tsx';

/**
 * Reloaded regularly, because the platform checks the servers automatically and people sign in to them in another
 * window.
 */
const LOOK_MS = 5000;

/** External MCP servers whose tools this server offers. */
export function ExternalTab({ server }: { server: McpServer }) {
  const config = useAnswer('/mcp-servers/{id}/config', { path: { id: server.id } }, { every: LOOK_MS });
  const mayWrite = useMay('servers:write');
  return (
    <Stack>
      <Group justify="space-between" align="flex-start">
        <Text size="sm" maw={640}>
          External MCP servers whose tools, prompts and resources this server offers in addition to its own. Agents do
          not learn where these are or what is sent to them.
        </Text>
        {mayWrite ? <AttachServer server={server} /> : undefined}
      </Group>
      <WhenAnswered answer={config}>
        {({ data: { externalMcpConfigs } }) =>
          externalMcpConfigs.length === 0 ? (
            <NothingYet>No external servers are attached.</NothingYet>
          ) : (
            externalMcpConfigs.map((external) => (
              <AttachedServer key={external.name} server={server} external={external} />
            ))
          )
        }
      </WhenAnswered>
    </Stack>
  );
}
