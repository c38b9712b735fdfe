import { Stack, Tabs, Text } from '@mantine/core';
import { CopiedText } from '../parts/copied-text.tsx';
import { toClientConfigs } from './client-configs.ts';
import type { McpServer } from './server.ts';

/** How to connect agents to this server. */
export function ConnectTab({ server }: { server: McpServer }) {
  const configs = toClientConfigs({ name: server.slug, url: server.url });
  return (
    <Stack>
      <div>
        <Text fw={600}>MCP endpoint</Text>
        <CopiedText text={server.url} what="the endpoint" />
      </div>
      <Text size="sm">
        {server.isPublic
          ? 'This server is public: agents need no key.'
          : 'Agents send an API key that may call tools, or sign in with OAuth if the platform has an authorization server. Create a separate key for each agent, under “API keys”.'}
      </Text>
      <Tabs defaultValue="0">
        <Tabs.List>
          {configs.map(({ client }, index) => (
            // Its value becomes part of ids, which must not contain a name.
            <Tabs.Tab key={client} value={String(index)}>
              {client}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {configs.map(({ client, where, text }, index) => (
          <Tabs.Panel key={client} value={String(index)} pt="md">
            <Text size="sm" c="dimmed" mb="xs">
              {where}
            </Text>
            <CopiedText text={text} what={`the settings of ${client}`} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Stack>
  );
}
