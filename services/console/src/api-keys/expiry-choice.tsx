import { Group, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';

type Parts = { expiresAt: string | null; error: string | undefined; onChange: (expiresAt: string | null) => void };

const DAY_MS = 86_400_000;

/** `expiresAt` is the value before somebody chooses another one. */
export function ExpiryChoice({ expiresAt, error, onChange }: Parts) {
  const [choice, setChoice] = useState(expiresAt === null ? 'never' : 'date');
  const choose = (chosen: string) => {
    setChoice(chosen);
    const days = Number(chosen);
    if (days > 0) onChange(new Date(Date.now() + days * DAY_MS).toISOString());
    else if (chosen === 'never') onChange(null);
  };
  return (
    <Group align="flex-end" grow>
      <NativeSelect
        label="Expires"
        error={error}
        data={CHOICES}
        value={choice}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
      />
      {choice === 'date' ? (
        <TextInput
          label="Last day"
          type="date"
          required
          defaultValue={expiresAt === null ? '' : toDay(expiresAt)}
          onChange={({ currentTarget }) => onChange(toEndOfDay(currentTarget.value))}
        />
      ) : undefined}
    </Group>
  );
}

const CHOICES = [
  { value: 'never', label: 'Never' },
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
  { value: 'date', label: 'On a date' },
];

/** The day in the time zone of the browser. */
function toDay(at: string): string {
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

function toEndOfDay(day: string): string | null {
  const end = new Date(`${day}T23:59:59`);
  return Number.isNaN(end.getTime()) ? null : end.toISOString();
}
