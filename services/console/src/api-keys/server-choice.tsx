import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useAnswer } from '../api/use-api.ts';

type Parts = { chosen: string[]; error: string | undefined; onChange: (ids: string[]) => void };

/** Searches the servers for the typed text, because there may be any number of them. */
export function ServerChoice({ chosen, error, onChange }: Parts) {
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 250);
  const found = useAnswer('/mcp-servers', { query: { q, limit: 100 } }).data?.data ?? [];
  const [names, setNames] = useState<Readonly<Record<string, string>>>({});
  const known = { ...names, ...Object.fromEntries(found.map(({ id, name }) => [id, name])) };
  const choose = (ids: string[]) => {
    setNames(Object.fromEntries(ids.map((id) => [id, known[id] ?? id])));
    onChange(ids);
  };
  return (
    <MultiSelect
      label="Servers"
      error={error}
      searchable
      value={chosen}
      onChange={choose}
      onSearchChange={setTyped}
      description="All servers of the workspace if you choose none"
      data={[...new Set([...chosen, ...found.map(({ id }) => id)])].map((id) => ({
        value: id,
        label: known[id] ?? id,
      }))}
      nothingFoundMessage="No server matches"
    />
  );
}
