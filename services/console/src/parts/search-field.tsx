import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useState } from 'react';
import type { List } from './use-list.ts';

const TYPING_MS = 250;

/** Searches a list for the typed text after a pause in typing. */
export function SearchField({ label, list: { q, search } }: { label: string; list: List }) {
  const [typed, setTyped] = useState(q);
  const [shown, setShown] = useState(q);
  const [sent, setSent] = useState(q);
  if (shown !== q) {
    setShown(q);
    // The person went back or followed a link; otherwise they may still be typing.
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
