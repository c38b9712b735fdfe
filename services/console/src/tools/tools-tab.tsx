import { Accordion, Alert, Code, List, Stack, Text } from '@mantine/core';
import type { McpServer, McpServerConfig, ToolOfServer } from '@toolplane/api-client';
import { WhenAnswered } from '../parts/answers.tsx';
import { MissingSecrets } from '../secrets/missing-secrets.tsx';
import { NoTools } from '../servers/no-tools.tsx';
import { useServerConfig } from '../servers/use-server-config.ts';
import { ToolAdvice } from './tool-advice.tsx';
import { ToolInputs } from './tool-inputs.tsx';

/** What agents find at this server. */
export function ToolsTab({ server }: { server: McpServer }) {
  const config = useServerConfig(server);
  return (
    <WhenAnswered answer={config}>
      {({ data }) => (
        <Stack>
          <MissingSecrets server={server} />
          <Losses config={data} />
          <ToolAdvice config={data} />
          {server.mode === 'SMART' && !server.isStopped ? <SmartNote metaTools={data.metaTools} /> : undefined}
          {data.tools.length === 0 ? <NoTools server={server} /> : <ToolList tools={data.tools} />}
        </Stack>
      )}
    </WhenAnswered>
  );
}

/** Tools that were selected but are not offered. */
function Losses({ config: { missing, leftOut } }: { config: McpServerConfig }) {
  if (missing.length + leftOut.length === 0) return undefined;
  return (
    <Alert color="orange" title="Not all selected tools are offered">
      <List size="sm">
        {missing.map((slug) => (
          <List.Item key={slug}>
            <Code>{slug}</Code> does not exist any more
          </List.Item>
        ))}
        {leftOut.map(({ slug, reason }) => (
          <List.Item key={slug}>
            <Code>{slug}</Code>: {reason}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function SmartNote({ metaTools }: { metaTools: string[] }) {
  return (
    <Text size="sm">
      In mode Smart, agents see {metaTools.map((name) => `“${name}”`).join(', ')}, with which they search and run the
      tools of the whole workspace. Below are the tools that this server adds.
    </Text>
  );
}

function ToolList({ tools }: { tools: ToolOfServer[] }) {
  return (
    <Accordion variant="separated" multiple>
      {tools.map((tool) => (
        <Accordion.Item key={tool.name} value={tool.name}>
          <Accordion.Control>
            <Text fw={600} ff="monospace" size="sm">
              {tool.name}
            </Text>
            <Text size="sm" c="dimmed">
              {tool.description}
            </Text>
          </Accordion.Control>
          <Accordion.Panel>
            <ToolInputs schema={tool.inputSchema} />
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}
