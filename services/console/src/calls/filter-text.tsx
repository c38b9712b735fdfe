import { Autocomplete } from '@mantine/core';
import { useState } from 'react';
import { type FilterName, useCallSearch } from './call-search.ts';

type Parts = {
  name: FilterName;
  label: string;
  placeholder?: string;
  suggestions?: readonly string[];
  /** Returns what is wrong with the typed text. An invalid text is not used. */
  refuse?: (text: string) => string | undefined;
};

/** A filter with typed text. It applies when the text is complete, because half a name finds nothing. */
export function FilterText({ name, suggestions = [], refuse, ...input }: Parts) {
  const { values, change } = useCallSearch();
  const value = values[name] ?? '';
  const [typed, setTyped] = useState(value);
  const [shown, setShown] = useState(value);
  if (shown !== value) {
    setShown(value);
    setTyped(value);
  }
  const toProblem = (text: string) => (text.trim() === '' ? undefined : refuse?.(text.trim()));
  const apply = (text: string) => {
    if (text.trim() !== value && toProblem(text) === undefined) change({ [name]: text.trim() });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        apply(typed);
      }}
    >
      <Autocomplete
        {...input}
        error={toProblem(typed)}
        data={[...suggestions]}
        value={typed}
        onChange={setTyped}
        onOptionSubmit={apply}
        onBlur={() => apply(typed)}
        onClear={() => change({ [name]: undefined })}
        clearable
        clearButtonProps={{ 'aria-label': `Clear ${input.label}` }}
      />
    </form>
  );
}
