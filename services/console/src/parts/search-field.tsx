import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import type { List } from './use-list.ts';

const TYPING_MS = 250;

/** Searches in a list for what is typed, once that is typed. */
export function SearchField({ label, list: { q, search } }: { label: string; list: List }) {
  const [typed, setTyped] = useState(q);
  const [shown, setShown] = useState(q);
  const [sent, setSent] = useState(q);
  if (shown !== q) {
    setShown(q);
    // Somebody has gone back, or followed a link; besides that, they may have typed on.
    if (q !== sent) setTyped(q);
  }
  const send = useDebouncedCallback((text: string) => {
    setSent(text);
    search(text);
  }, TYPING_MS);
  return (
    <TextInput
      type="search"
      placeholder="Search"
      value={typed}
      flex={1}
      miw={160}
      maw={360}
      maxLength={200}
      aria-label={label}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        send(currentTarget.value);
      }}
    />
  );
}
