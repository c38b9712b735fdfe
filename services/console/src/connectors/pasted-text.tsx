import { Group, Stack, Textarea } from '@mantine/core';
import { OpenFile } from '../documents/open-file.tsx';

type Parts = {
  label: string;
  description?: string;
  text: string;
  onChange: (text: string) => void;
  rows?: number;
};

/** A document that is pasted, opened from a file or written in the editor. */
export function PastedText({ label, description, text, onChange, rows = 16 }: Parts) {
  return (
    <Stack gap="xs">
      <Textarea
        label={label}
        description={description}
        value={text}
        rows={rows}
        spellCheck={false}
        autoComplete="off"
        wrap="off"
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
      <Group>
        <OpenFile onOpen={onChange} size="xs" />
      </Group>
    </Stack>
  );
}
