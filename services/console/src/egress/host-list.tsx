import { Textarea } from '@mantine/core';

type Parts = { label: string; text: string; complaints: string[]; onChange: (text: string) => void };

export function HostList({ label, text, complaints, onChange }: Parts) {
  return (
    <Textarea
      label={label}
      value={text}
      autosize
      minRows={4}
      maxRows={20}
      spellCheck={false}
      description="One per line: host, host:port, or *.host for every name below it"
      error={complaints.length === 0 ? undefined : complaints.join('; ')}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
