import { PasswordInput, Stack, Switch, Textarea } from '@mantine/core';
import { type ClipboardEvent, useState } from 'react';

type Parts = { value: string; onChange: (value: string) => void };

/**
 * The field is hidden unless somebody wants to see it or it has several lines: browsers have no multi-line field that
 * hides its text.
 */
export function SecretValue({ value, onChange }: Parts) {
  const [hasLines, setHasLines] = useState(false);
  const field = { label: 'Value', required: true, value, autoComplete: 'off', spellCheck: false };
  // A single-line field would silently remove the line breaks of a key file.
  const paste = (event: ClipboardEvent) => {
    const text = event.clipboardData.getData('text');
    if (!text.trim().includes('\n')) return;
    event.preventDefault();
    setHasLines(true);
    onChange(text);
  };
  return (
    <Stack gap="xs">
      {hasLines ? (
        <Textarea
          {...field}
          autosize
          minRows={4}
          maxRows={12}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      ) : (
        <PasswordInput
          {...field}
          visibilityToggleFocusable
          visibilityToggleButtonProps={{ 'aria-label': 'Show the value' }}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
          onPaste={paste}
        />
      )}
      <Switch
        label="Several lines"
        checked={hasLines}
        onChange={({ currentTarget }) => setHasLines(currentTarget.checked)}
      />
    </Stack>
  );
}
