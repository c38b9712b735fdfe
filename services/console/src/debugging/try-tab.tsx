import { Alert, Button, Group, JsonInput, Select, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { McpServer, ToolOfServer } from '@toolplane/api-client';
import { useState } from 'react';
import { useHere } from '../api/session.ts';
import { useApi } from '../api/use-api.ts';
import { Problem, WhenAnswered } from '../parts/answers.tsx';
import { toObject } from '../parts/json-object.ts';
import { NoTools } from '../servers/no-tools.tsx';
import { useServerConfig } from '../servers/use-server-config.ts';
import { endDebugSession, hasDebugSession, runTool } from './debug-session.ts';
import { RunResult } from './run-result.tsx';
import { toSampleInputs } from './sample-inputs.ts';

/** Runs a tool and shows what it did, step by step. */
export function TryTab({ server }: { server: McpServer }) {
  const config = useServerConfig(server);
  return (
    <WhenAnswered answer={config}>
      {({ data: { tools } }) =>
        tools.length === 0 ? <NoTools server={server} /> : <Chooser server={server} tools={tools} />
      }
    </WhenAnswered>
  );
}

function Chooser({ server, tools }: { server: McpServer; tools: ToolOfServer[] }) {
  const [name, setName] = useState(tools[0]?.name ?? '');
  const tool = tools.find((one) => one.name === name) ?? tools[0];
  return (
    <Stack>
      <Alert color="blue">
        A tool really runs, with the secrets of the server and under its policy. For that, a debug session of 15 minutes
        is opened: until it ends you could see the steps of all calls of this server, and the audit log says that you
        did.
      </Alert>
      <Select
        label="Tool"
        data={tools.map((one) => one.name)}
        value={tool?.name ?? null}
        maw={480}
        searchable
        allowDeselect={false}
        onChange={(chosen) => setName(chosen ?? '')}
      />
      {tool === undefined ? undefined : <Run key={tool.name} server={server} tool={tool} />}
    </Stack>
  );
}

function Run({ server, tool }: { server: McpServer; tool: ToolOfServer }) {
  const [text, setText] = useState(() => JSON.stringify(toSampleInputs(tool.inputSchema), null, 2));
  const api = useApi();
  const personId = useHere().session.person.id;
  const run = useMutation({
    mutationFn: (inputs: unknown) => runTool(api, { serverId: server.id, personId }, tool.name, inputs),
  });
  const end = useMutation({ mutationFn: () => endDebugSession(api, server.id), onSuccess: () => run.reset() });
  const inputs = toObject(text);
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {tool.description}
      </Text>
      <JsonInput
        label="Arguments"
        value={text}
        autosize
        minRows={4}
        maxRows={20}
        formatOnBlur
        error={inputs === undefined ? 'This is not a JSON object' : undefined}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        onChange={setText}
      />
      <Group>
        <Button onClick={() => run.mutate(inputs)} disabled={inputs === undefined} loading={run.isPending}>
          Run
        </Button>
        {!hasDebugSession(server.id) ? undefined : (
          <Button variant="default" onClick={() => end.mutate()} loading={end.isPending}>
            End the debug session
          </Button>
        )}
      </Group>
      {run.isError ? <Problem error={run.error} title="The tool did not run" /> : undefined}
      {end.isError ? <Problem error={end.error} /> : undefined}
      {run.data === undefined ? undefined : <RunResult run={run.data} />}
    </Stack>
  );
}
