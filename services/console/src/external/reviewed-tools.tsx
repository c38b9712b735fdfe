import { Badge, Button, Code, Group, Stack, Table, Text } from '@mantine/core';
import { useMay } from '../api/session.ts';
import { useChange } from '../api/use-api.ts';
import { Problem } from '../parts/answers.tsx';
import type { McpServer } from '../servers/server.ts';
import { type ExternalServer, isToReview, type ReviewedTool } from './external-server.ts';
import { ToolChanges } from './tool-changes.tsx';

const STATUS = {
  approved: { label: 'approved', color: 'green' },
  changed: { label: 'changed', color: 'orange' },
  new: { label: 'new', color: 'orange' },
  missing: { label: 'missing', color: 'gray' },
  left_out: { label: 'left out', color: 'gray' },
} as const;

/** The tools of an external server, and what of them waits for somebody to approve it. */
export function ReviewedTools({ server, external }: { server: McpServer; external: ExternalServer }) {
  const { name, pin, reviewed } = external;
  // With the digests of what is shown, so that nothing is approved that nobody has seen.
  const approve = useChange({
    change: (api, tools: ReviewedTool[]) =>
      api('POST', `/mcp-servers/${server.id}/external/${name}/approve`, {
        body: { tools: tools.map(({ name, digest }) => (digest === undefined ? name : { name, digest })) },
      }),
    outdates: [`/mcp-servers/${server.id}`, '/tools'],
  });
  const mayWrite = useMay('servers:write');
  const toReview = reviewed.filter(isToReview);
  if (reviewed.length === 0) return <Text size="sm">Nothing is known of its tools.</Text>;
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

function ToolTable({ tools, pin }: { tools: ReviewedTool[]; pin: ExternalServer['pin'] }) {
  return (
    <Table.ScrollContainer minWidth={480}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Tool</Table.Th>
            <Table.Th>Here</Table.Th>
            <Table.Th>Status</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tools.map((tool) => (
            <Table.Tr key={tool.name}>
              <Table.Td>
                <Code>{tool.name}</Code>
              </Table.Td>
              <Table.Td>{tool.exposedAs === null ? 'not offered' : <Code>{tool.exposedAs}</Code>}</Table.Td>
              <Table.Td>
                <Badge variant="light" color={STATUS[tool.status].color}>
                  {STATUS[tool.status].label}
                </Badge>{' '}
                <Text span size="sm">
                  {toMeaning(tool, pin)}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function toMeaning({ status, reason }: ReviewedTool, pin: ExternalServer['pin']): string | undefined {
  if (reason !== undefined) return reason;
  if (status === 'missing') return 'Its server does not declare it now.';
  if (status === 'approved' || status === 'left_out') return undefined;
  if (pin === 'strict') return 'Withheld until somebody approves it.';
  return status === 'changed' ? 'Offered as it was approved.' : 'Offered as it was first seen.';
}
