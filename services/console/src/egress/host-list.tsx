import { Textarea } from '@mantine/core';

type Parts = {
  label: string;
  /** What the list is for, if its label does not say it. */
  about?: string;
  text: string;
  complaints: string[];
  onChange: (text: string) => void;
};

const FORM = 'One per line: host, host:port, or *.host for every name below it';

export function HostList({ label, about, text, complaints, onChange }: Parts) {
  return (
    <Textarea
      label={label}
      value={text}
      autosize
      minRows={4}
      maxRows={20}
      spellCheck={false}
      description={about === undefined ? FORM : `${about}. ${FORM}`}
      error={complaints.length === 0 ? undefined : complaints.join('; ')}
      styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
