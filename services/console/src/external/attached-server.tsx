import { Alert, Card, Code, Group, List, Stack, Text, Title } from '@mantine/core';
import type { McpServer, ReportedExternalMcpServer } from '@toolplane/api-client';
import { useMay } from '../api/session.ts';
import { useChange } from '../api/use-api.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { Facts } from '../parts/facts.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Time } from '../parts/time.tsx';
import { changeAttached } from './change-attached.ts';
import { EditAttached } from './edit-attached.tsx';
import { QUESTIONS } from './external-server.ts';
import { ReviewedTools } from './reviewed-tools.tsx';
import { SignIn } from './sign-in.tsx';

const STATES = {
  ok: { label: 'answers', tone: 'good' },
  unreachable: { label: 'unreachable', tone: 'bad' },
  failed: { label: 'failed', tone: 'bad' },
} as const;

/** One external server, with the state of its tools. */
export function AttachedServer({ server, external }: { server: McpServer; external: ReportedExternalMcpServer }) {
  const { name, url, state, message, leftOut } = external;
  const mayWrite = useMay('servers:write');
  return (
    <Card component="section" withBorder aria-label={name}>
      <Stack>
        <Group justify="space-between" align="flex-start">
          <div>
            <Group gap="xs">
              <Title order={2} size="h4">
                {name}
              </Title>
              <StateBadge state={STATES[state]} />
            </Group>
            <Text size="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
              {url}
            </Text>
          </div>
          {mayWrite ? (
            <Group gap="xs">
              <EditAttached server={server} external={external} />
              <Detach server={server} name={name} />
            </Group>
          ) : undefined}
        </Group>
        {message === null ? undefined : (
          <Alert color={state === 'ok' ? 'blue' : 'orange'} title="The last check">
            <Text size="sm">{message}</Text>
            {state === 'ok' ? undefined : (
              <Text size="sm">It is checked again soon; until then, what is known of it is still offered.</Text>
            )}
          </Alert>
        )}
        <Facts facts={toFacts(external)} />
        <SignIn server={server} external={external} />
        <ReviewedTools server={server} external={external} />
        {leftOut.length === 0 ? undefined : (
          <Alert color="orange" title="Prompts and resources that are not offered">
            <List size="sm">
              {leftOut.map((each) => (
                <List.Item key={`${each.kind} ${each.name}`}>
                  {each.kind} <Code>{each.name}</Code>: {each.reason}
                </List.Item>
              ))}
            </List>
          </Alert>
        )}
      </Stack>
    </Card>
  );
}

function toFacts({ checkedAt, headerNames, prefix, pin, allow, tools }: ReportedExternalMcpServer) {
  const asked = QUESTIONS.filter(({ value }) => allow.includes(value)).map(({ label }) => label.toLowerCase());
  return {
    'Last checked': <Time at={checkedAt} never="not yet" />,
    'Request headers': headerNames.join(', ') || 'none',
    Tools: toChoice(tools),
    'Prefix of their names here': prefix === '' ? 'nothing' : <Code>{prefix}</Code>,
    'Changed tools': pin === 'strict' ? 'withheld until approved' : 'offered as approved',
    'It may ask': asked.join(', ') || 'nothing',
  };
}

function toChoice(tools: string[]): string {
  if (tools[0] === '*') return 'all, including tools that it gets later';
  return tools.length === 0 ? 'none' : `the ${tools.length} chosen tools`;
}

function Detach({ server, name }: { server: McpServer; name: string }) {
  const detach = useChange({
    change: (api) => changeAttached(api, server.id, (configs) => configs.filter((config) => config.name !== name)),
    outdates: ['/mcp-servers', '/tools'],
  });
  return (
    <ConfirmButton isFinal label="Detach" of={name} change={detach} size="xs">
      Agents no longer find its tools. Its sealed headers, its sign-in and the approvals of its tools are deleted.
    </ConfirmButton>
  );
}
