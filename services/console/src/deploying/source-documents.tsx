import { Button, FileButton, Group, Stack, Text, Title } from '@mantine/core';
import type { KeptReference } from '@toolplane/api-client';
import { useRef } from 'react';
import { ListTable } from '../parts/list-table.tsx';
import type { SourceReference } from './deployment.ts';
import { addReference, guessName } from './draft.ts';
import { SourceRow } from './source-row.tsx';

type Parts = {
  references: readonly SourceReference[];
  fetched: readonly KeptReference[];
  /** Absent if the list is read-only. */
  onChange?: (references: readonly SourceReference[]) => void;
};

/** The documents that the definition names as its sources. */
export function SourceDocuments({ references, fetched, onChange }: Parts) {
  const reset = useRef<() => void>(null);
  const add = async (files: File[]) => {
    reset.current?.();
    const read = files.map(async (file) => ({
      name: guessName(file.name),
      location: file.name,
      content: await file.text(),
    }));
    onChange?.((await Promise.all(read)).reduce(addReference, references));
  };
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2} size="h4">
          Source documents
        </Title>
        {onChange === undefined ? undefined : (
          <FileButton multiple resetRef={reset} accept=".yaml,.yml,.json" onChange={(files) => void add(files)}>
            {(button) => (
              <Button variant="default" {...button}>
                Add files
              </Button>
            )}
          </FileButton>
        )}
      </Group>
      {onChange === undefined ? undefined : (
        <Text size="sm" c="dimmed" maw={640}>
          The OpenAPI and Arazzo documents under sourceDescriptions, each by its name there. A document that you do not
          add is fetched from its https URL when you deploy.
        </Text>
      )}
      {references.length + fetched.length === 0 ? undefined : (
        <ListTable
          label="Source documents"
          minWidth={600}
          columns={['Name', 'From', 'Size', onChange === undefined ? undefined : 'Actions']}
        >
          {[...references, ...fetched].map((reference, index) => (
            <SourceRow
              key={toKey(reference, index)}
              reference={reference}
              onRename={onChange && ((name) => onChange(references.with(index, { ...reference, name })))}
              onRemove={onChange && (() => onChange(references.toSpliced(index, 1)))}
            />
          ))}
        </ListTable>
      )}
    </Stack>
  );
}

/** The key does not include the name, which changes while it is typed. */
function toKey({ location }: SourceReference, index: number): string {
  return `${index} ${location}`;
}
