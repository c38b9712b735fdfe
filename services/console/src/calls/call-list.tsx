import { Button, Group, Stack, Text } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useHere } from '../api/session.ts';
import { useApi } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { CallFilters } from './call-filters.tsx';
import { isNarrowed, toFilter, toQuery, toTimes, useCallSearch, type Values } from './call-search.ts';
import { CallTable } from './call-table.tsx';
import { ExportButton } from './export-button.tsx';

const LOOK_EVERY_MS = 5000;
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

export function CallList() {
  const { values } = useCallSearch();
  const calls = useCalls(values);
  return (
    <Stack>
      <CallFilters />
      <Group justify="space-between">
        <Group gap="xs">
          <Button variant="default" onClick={() => void calls.refetch()}>
            Refresh
          </Button>
          {calls.dataUpdatedAt === 0 ? undefined : (
            <Text size="sm" c="dimmed">
              as of {clock.format(calls.dataUpdatedAt)}
            </Text>
          )}
        </Group>
        <ExportButton />
      </Group>
      <WhenAnswered answer={calls}>
        {({ pages }) => {
          const shown = pages.flatMap(({ data }) => data);
          return shown.length === 0 ? <NoCalls isFiltered={isNarrowed(values)} /> : <CallTable calls={shown} />;
        }}
      </WhenAnswered>
      {calls.hasNextPage ? (
        <Group justify="center">
          <Button variant="default" loading={calls.isFetchingNextPage} onClick={() => void calls.fetchNextPage()}>
            Show more
          </Button>
        </Group>
      ) : undefined}
    </Stack>
  );
}

type Position = { cursor: string; from?: string };

/** New calls appear automatically until somebody loads older ones. */
function useCalls(values: Values) {
  const api = useApi();
  const filter = toFilter(values);
  const { span, from, to } = values;
  return useInfiniteQuery({
    queryKey: [useHere().place.workspaceId, '/calls', { ...filter, span, from, to }, 'page by page'],
    initialPageParam: undefined as Position | undefined,
    // A cursor continues the query of the first page, so the start of its time span stays fixed.
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filter, ...toTimes(values), ...pageParam };
      const { data, nextCursor } = await api.GET('/calls', { params: { query: toQuery(query) }, signal });
      return { data, next: nextCursor ? { ...(query.from && { from: query.from }), cursor: nextCursor } : undefined };
    },
    getNextPageParam: ({ next }) => next,
    refetchInterval: ({ state }) => (state.data?.pages.length === 1 ? LOOK_EVERY_MS : false),
  });
}

function NoCalls({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <NothingYet>No call matches.</NothingYet>;
  return <NothingYet>There are no calls yet. A call appears here a second or two after it has ended.</NothingYet>;
}
