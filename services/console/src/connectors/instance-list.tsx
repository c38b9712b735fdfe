import { Stack } from '@mantine/core';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { useList } from '../parts/use-list.ts';
import { InstanceTable } from './instance-table.tsx';

/** All instances that the workspace can use, or those of one connector. */
export function InstanceList({ connector = '' }: { connector?: string }) {
  const list = useList();
  const { q, page } = list;
  const instances = useAnswer('/connector-instances', { query: { q, connector, page, limit: 25 } });
  return (
    <Stack>
      <SearchField label="Search instances" list={list} />
      <WhenAnswered answer={instances}>
        {({ data }) => (
          <>
            {data.length === 0 ? (
              <NothingYet>{q === '' ? 'There are no instances yet.' : 'No instance matches.'}</NothingYet>
            ) : (
              <InstanceTable instances={data} />
            )}
            <Pager answer={instances} list={list} />
          </>
        )}
      </WhenAnswered>
    </Stack>
  );
}
