import { Autocomplete } from '@mantine/core';
import { useState } from 'react';
import { type FilterName, useCallSearch } from './call-search.ts';

type Parts = { name: FilterName; label: string; placeholder?: string; suggestions?: readonly string[] };

/** A filter that is typed; it holds once it is complete, because half a name finds nothing. */
export function FilterText({ name, suggestions = [], ...input }: Parts) {
  const { values, change } = useCallSearch();
  const value = values[name] ?? '';
  const [typed, setTyped] = useState(value);
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    setShown(value);
    setTyped(value);
  }
  const apply = (text: string) => {
    if (text.trim() !== value) change({ [name]: text.trim() });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        apply(typed);
      }}
    >
      <Autocomplete
        {...{ ...input, data: [...suggestions], value: typed, onChange: setTyped, onOptionSubmit: apply }}
        onBlur={() => apply(typed)}
        onClear={() => change({ [name]: undefined })}
        clearable
        clearButtonProps={{ 'aria-label': `Clear ${input.label}` }}
      />
    </form>
  );
}
