import { Button, Code, Group, Stack, Table, Text } from '@mantine/core';
import type { McpServer, ReportedExternalMcpServer, ReviewedTool } from '@toolplane/api-client';
import { useMay } from '../api/session.ts';
import { useChange } from '../api/use-api.ts';
import { Problem } from '../parts/answers.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { isToReview } from './external-server.ts';
import { ToolChanges } from './tool-changes.tsx';

const STATUS = {
  approved: { label: 'approved', tone: 'good' },
  changed: { label: 'changed', tone: 'warning' },
  new: { label: 'new', tone: 'warning' },
  missing: { label: 'missing', tone: 'idle' },
  left_out: { label: 'left out', tone: 'idle' },
} as const;

/** The tools of an external server, and the changes that have to be approved. */
export function ReviewedTools({ server, external }: { server: McpServer; external: ReportedExternalMcpServer }) {
  const { name, pin, reviewed } = external;
  // Sends the digests of the tools as shown, so that nothing unseen is approved.
  const approve = useChange({
    change: (api, tools: ReviewedTool[]) =>
      api.POST('/mcp-servers/{id}/external/{name}/approve', {
        params: { path: { id: server.id, name } },
        body: { tools: tools.map(({ name, digest }) => (digest === undefined ? name : { name, digest })) },
      }),
    outdates: [`/mcp-servers/${server.id}`, '/tools'],
  });
  const mayWrite = useMay('servers:write');
  const toReview = reviewed.filter(isToReview);
  if (reviewed.length === 0) return <Text size="sm">Its tools are not known.</Text>;
  return (
    <Stack>
      <ToolTable tools={reviewed} pin={pin} />
      {toReview.length === 0 ? undefined : (
        <Stack gap="sm">
          <Group justify="space-between">
            <Text fw={600}>To approve</Text>
            {mayWrite && toReview.length > 1 ? (
              <Button variant="default" size="xs" loading={approve.isPending} onClick={() => approve.mutate(toReview)}>
                Approve all {toReview.length}
              </Button>
            ) : undefined}
          </Group>
          {approve.isError ? <Problem error={approve.error} title="Not approved" /> : undefined}
          {toReview.map((tool) => (
            <ToolChanges
              key={tool.name}
              tool={tool}
              {...(mayWrite ? { approve: () => approve.mutate([tool]), isPending: approve.isPending } : {})}
            />
          ))}
        </Stack>
      )}
    </Stack>
  );
}

function ToolTable({ tools, pin }: { tools: ReviewedTool[]; pin: ReportedExternalMcpServer['pin'] }) {
  return (
    <ListTable label="Tools" minWidth={480} columns={['Tool', 'Here', 'Status']}>
      {tools.map((tool) => (
        <Table.Tr key={tool.name}>
          <Table.Th scope="row">
            <Code>{tool.name}</Code>
          </Table.Th>
          <Table.Td>{tool.exposedAs === null ? 'not offered' : <Code>{tool.exposedAs}</Code>}</Table.Td>
          <Table.Td>
            <StateBadge state={STATUS[tool.status]} />{' '}
            <Text span size="sm">
              {toMeaning(tool, pin)}
            </Text>
          </Table.Td>
        </Table.Tr>
      ))}
    </ListTable>
  );
}

function toMeaning({ status, reason }: ReviewedTool, pin: ReportedExternalMcpServer['pin']): string | undefined {
  if (reason !== undefined) return reason;
  if (status === 'missing') return 'Its server does not currently declare it.';
  if (status === 'approved' || status === 'left_out') return undefined;
  if (pin === 'strict') return 'Withheld until somebody approves it.';
  return status === 'changed'
    ? 'Offered as it was before the change.'
    : 'Nobody has approved it: offered as first seen, and treated as destructive.';
}
