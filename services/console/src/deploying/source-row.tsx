import { Button, Code, Table, Text, TextInput } from '@mantine/core';
import type { KeptReference } from '@toolplane/api-client';

type Parts = {
  reference: KeptReference;
  /** Absent if the row is read-only. */
  onRename: ((name: string) => void) | undefined;
  onRemove: (() => void) | undefined;
};

/** A fetched document is only listed, because deploying fetches it again. */
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
