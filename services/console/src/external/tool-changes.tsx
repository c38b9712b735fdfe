import { Button, Card, Code, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import type { ReviewedTool, ToolChange } from '@toolplane/api-client';

type Parts = { tool: ReviewedTool; approve?: () => void; isPending?: boolean };

/** The changes to approve: text by a stranger that agents are going to read. */
export function ToolChanges({ tool: { name, status, changes = [], flags = [] }, approve, isPending = false }: Parts) {
  return (
    <Card component="section" withBorder padding="sm" aria-label={`${name}, ${status}`}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Text size="sm">
            <Code>{name}</Code> {status === 'new' ? 'is new.' : 'differs from what was approved.'}
          </Text>
          {approve === undefined ? undefined : (
            <Button size="xs" onClick={approve} loading={isPending} aria-label={`Approve ${name}`}>
              Approve
            </Button>
          )}
        </Group>
        {flags.map((flag) => (
          <Text key={flag} size="sm">
            {FLAGS[flag] ?? flag}
          </Text>
        ))}
        {changes.length === 0 ? <Text size="sm">Only what was removed or cut is different.</Text> : undefined}
        {changes.map((change) => (
          <Change key={change.member} change={change} isNew={status === 'new'} />
        ))}
      </Stack>
    </Card>
  );
}

const FLAGS: Readonly<Record<string, string>> = {
  hidden: 'Invisible characters were removed from its texts.',
  cut: 'Its texts were too long, and were cut.',
};

const MEMBERS: Readonly<Record<ToolChange['member'], string>> = {
  title: 'Title',
  description: 'Description',
  inputSchema: 'Arguments',
  outputSchema: 'Result',
  annotations: 'Annotations',
};

function Change({ change: { member, before, now }, isNew }: { change: ToolChange; isNew: boolean }) {
  return (
    <div>
      <Text size="sm" fw={600}>
        {MEMBERS[member]}
      </Text>
      <SimpleGrid cols={{ base: 1, sm: isNew ? 1 : 2 }} spacing="xs">
        {isNew ? undefined : <Side title="Before" value={before} />}
        <Side title="Now" value={now} />
      </SimpleGrid>
    </div>
  );
}

function Side({ title, value }: { title: string; value: unknown }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {title}
      </Text>
      {value === undefined ? (
        <Text size="sm">nothing</Text>
      ) : (
        <Code block>{typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)}</Code>
      )}
    </div>
  );
}
