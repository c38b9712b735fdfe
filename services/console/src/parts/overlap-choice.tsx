import { NativeSelect } from '@mantine/core';

type Parts = { label: string; description: string; seconds: number; onChange: (seconds: number) => void };

/** How long the replaced value remains valid. The API accepts at most 30 days. */
export function OverlapChoice({ label, description, seconds, onChange }: Parts) {
  return (
    <NativeSelect
      label={label}
      description={description}
      data={CHOICES}
      value={String(seconds)}
      onChange={({ currentTarget }) => onChange(Number(currentTarget.value))}
    />
  );
}

const DAY_SECONDS = 86_400;
const CHOICES = [
  { value: '0', label: 'Not at all' },
  { value: '3600', label: 'An hour' },
  { value: String(DAY_SECONDS), label: 'A day' },
  { value: String(7 * DAY_SECONDS), label: 'A week' },
  { value: String(30 * DAY_SECONDS), label: '30 days' },
];
