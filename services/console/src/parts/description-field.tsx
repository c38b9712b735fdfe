import { Textarea } from '@mantine/core';

type Parts = { value: string; onChange: (description: string) => void; error: string | undefined };

/** A field for the description of what a form creates or changes. It grows with its text. */
export function DescriptionField({ onChange, ...field }: Parts) {
  return (
    <Textarea
      label="Description"
      autosize
      minRows={2}
      {...field}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
