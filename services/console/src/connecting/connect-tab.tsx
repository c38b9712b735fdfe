import { Button, Group, NativeSelect, SegmentedControl, Stack, Text } from '@mantine/core';
import type { McpServer } from '@toolplane/api-client';
import { useState } from 'react';
import { CopiedText } from '../parts/copied-text.tsx';
import type { Access, ClientConfig } from './client-config.ts';
import { toClientConfigs } from './client-configs.ts';
import { useTakesTokens } from './use-takes-tokens.ts';

/** How to connect agents to this server. */
export function ConnectTab({ server }: { server: McpServer }) {
  const takesTokens = useTakesTokens(server);
  const [isSignIn, setSignIn] = useState(false);
  const [client, setClient] = useState('Claude Code');
  const access: Access = server.isPublic ? 'nothing' : takesTokens && isSignIn ? 'sign-in' : 'key';
  const groups = toClientConfigs({ name: server.slug, url: server.url, access });
  const config = groups.flatMap(({ clients }) => clients).find((each) => each.client === client);
  return (
    <Stack>
      <div>
        <Text fw={600}>MCP endpoint</Text>
        <CopiedText text={server.url} what="the endpoint" />
      </div>
      {takesTokens ? (
        <SegmentedControl
          aria-label="How clients prove who they are"
          style={{ alignSelf: 'flex-start' }}
          data={[
            { value: 'key', label: 'API key' },
            { value: 'sign-in', label: 'Sign in (OAuth)' },
          ]}
          value={access}
          onChange={(chosen) => setSignIn(chosen === 'sign-in')}
        />
      ) : undefined}
      <Text size="sm">{explain(access, server)}</Text>
      <NativeSelect
        label="Client"
        maw={320}
        value={client}
        data={groups.map(({ group, clients }) => ({ group, items: clients.map((each) => each.client) }))}
        onChange={({ currentTarget }) => setClient(currentTarget.value)}
      />
      {config === undefined ? undefined : <OfClient config={config} />}
    </Stack>
  );
}

function explain(access: Access, { oauth }: McpServer): string {
  if (access === 'nothing') return 'This server is public: clients send no key. A key that is not valid is refused.';
  if (access === 'key') {
    return 'Clients send an API key that may call tools. Create a separate key for each agent, under “API keys”.';
  }
  const programs = 'A program that signs nobody in sends an access token';
  if (oauth !== null) {
    return `Clients open a browser, in which a person signs in at ${oauth.issuer}. ${programs} from there.`;
  }
  return `Clients open a browser, in which a member of the workspace signs in and agrees. ${programs}, which it gets with an OAuth client of an agent, under “Agents”.`;
}

function OfClient({ config: { client, where, text, installLink } }: { config: ClientConfig }) {
  return (
    <div>
      <Text size="sm" c="dimmed" mb="xs">
        {where}
      </Text>
      {text === undefined ? undefined : <CopiedText text={text} what={`the settings of ${client}`} />}
      {installLink === undefined ? undefined : (
        <Group mt="sm">
          <Button component="a" href={installLink} variant="default">
            Add to {client}
          </Button>
        </Group>
      )}
    </div>
  );
}
