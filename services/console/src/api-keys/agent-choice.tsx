import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useAnswer } from '../api/use-api.ts';

type Parts = { agentId: string | null; error: string | undefined; onChange: (agentId: string | null) => void };

/** Searches the agents for the typed text, because there may be any number of them. */
export function AgentChoice({ agentId, error, onChange }: Parts) {
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 250);
  const chosen = useAnswer('/agents/{id}', { path: { id: agentId ?? '' } }, { isWanted: agentId !== null }).data?.data;
  // The field shows the name of the chosen agent, which is not a search text.
  const query = { q: q === chosen?.name ? '' : q, limit: 100 };
  const found = useAnswer('/agents', { query }).data?.data ?? [];
  const offered = new Map([...found, ...(chosen === undefined ? [] : [chosen])].map(({ id, name }) => [id, name]));
  return (
    <Select
      label="Agent"
      error={error}
      searchable
      clearable
      value={agentId}
      onChange={onChange}
      onSearchChange={setTyped}
      description="The key works only while the agent is active, and calls with the credentials of the agent"
      placeholder="None"
      data={[...offered].map(([value, label]) => ({ value, label }))}
      nothingFoundMessage="No agent matches"
    />
  );
}
