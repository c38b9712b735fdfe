import { Button, Code, Table, Text, TextInput } from '@mantine/core';
import type { KeptReference } from './deployment.ts';

type Parts = {
  reference: KeptReference;
  /** Absent: it can only be looked at. */
  onRename: ((name: string) => void) | undefined;
  onRemove: (() => void) | undefined;
};

/** One that was fetched is only told of: deploying fetches it anew. */
export function SourceRow({ reference: { name, location, content, fetchedAt }, onRename, onRemove }: Parts) {
  const isFetched = fetchedAt !== undefined;
  return (
    <Table.Tr>
      <Table.Th scope="row">
        {isFetched || onRename === undefined ? (
          name
        ) : (
          <TextInput
            value={name}
            aria-label={`Name of ${location}`}
            onChange={({ currentTarget }) => onRename(currentTarget.value)}
          />
        )}
      </Table.Th>
      <Table.Td>
        <Code>{location}</Code>
      </Table.Td>
      <Table.Td>{`${Math.ceil(content.length / 1024)} KiB`}</Table.Td>
      {onRemove === undefined ? undefined : (
        <Table.Td>
          {isFetched ? (
            <Text size="sm" c="dimmed">
              fetched again when you deploy
            </Text>
          ) : (
            <Button variant="subtle" color="red" size="compact-sm" aria-label={`Remove ${name}`} onClick={onRemove}>
              Remove
            </Button>
          )}
        </Table.Td>
      )}
    </Table.Tr>
  );
}
