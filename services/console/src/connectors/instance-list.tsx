import { Stack, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import type { ConnectorInstance } from './instance.ts';
import { InstanceTable } from './instance-table.tsx';

/** All that the workspace can use, or those of one connector. */
export function InstanceList({ connector = '' }: { connector?: string }) {
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, 250);
  const [page, setPage] = useState(1);
  const instances = useAnswer<ConnectorInstance[]>('/connector-instances', { q, connector, page, limit: 25 });
  return (
    <Stack>
      <TextInput
        {...{ placeholder: 'Search', value: typed, maw: 360 }}
        aria-label="Search instances"
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value);
          setPage(1);
        }}
      />
      <WhenAnswered answer={instances}>
        {({ data }) => (
          <>
            {data.length === 0 ? (
              <NothingYet>{q === '' ? 'There is no instance yet.' : 'No instance matches.'}</NothingYet>
            ) : (
              <InstanceTable instances={data} />
            )}
            <Pager answer={instances} page={page} onPage={setPage} />
          </>
        )}
      </WhenAnswered>
    </Stack>
  );
}
