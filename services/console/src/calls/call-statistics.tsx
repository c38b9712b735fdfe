import { Anchor, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ToolStatistics } from '@toolplane/api-client';
import { Link } from 'react-router';
import { useHere } from '../api/session.ts';
import { useApi } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { toDuration } from '../parts/duration.ts';
import { ListTable } from '../parts/list-table.tsx';
import { useServerNames } from '../parts/names.ts';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { DAY, toTimes, useCallSearch, type Values } from './call-search.ts';
import { FilterText } from './filter-text.tsx';
import { ServerFilter } from './server-filter.tsx';
import { TimeSpan } from './time-span.tsx';

export function CallStatistics() {
  const { values } = useCallSearch();
  const statistics = useStatistics(values);
  return (
    <Stack>
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        <ServerFilter />
        <FilterText name="tool" label="Tool" />
        <TimeSpan isLimited />
      </SimpleGrid>
      <WhenAnswered answer={statistics}>
        {({ data: { tools } }) =>
          tools.length === 0 ? (
            <NothingYet>There were no calls in this period.</NothingYet>
          ) : (
            <>
              <Text size="sm" c="dimmed">
                p50, p95 and p99 are the times within which 50, 95 and 99 of 100 completed calls were answered. Waiting,
                execution and upstreams, which are a part of execution, are averages over calls that a worker ran.
              </Text>
              <StatisticsTable tools={tools} />
            </>
          )
        }
      </WhenAnswered>
    </Stack>
  );
}

function useStatistics(values: Values) {
  const api = useApi();
  const { serverId, tool, span, from, to } = values;
  return useQuery({
    queryKey: [useHere().place.workspaceId, '/calls/statistics', { serverId, tool, span, from, to }],
    queryFn: ({ signal }) => {
      const query = { serverId, tool, ...toTimes(values) };
      return api.GET('/calls/statistics', { params: { query }, signal });
    },
  });
}

const NUMBERS = [
  { label: 'Calls', of: ({ calls }: ToolStatistics) => String(calls) },
  { label: 'Errors', of: ({ errors, calls }: ToolStatistics) => toShare(errors, calls) },
  { label: 'Not started', of: ({ notStarted }: ToolStatistics) => String(notStarted) },
  { label: 'Unknown', of: ({ unknown }: ToolStatistics) => String(unknown) },
  { label: 'p50', of: ({ p50Ms }: ToolStatistics) => toTime(p50Ms) },
  { label: 'p95', of: ({ p95Ms }: ToolStatistics) => toTime(p95Ms) },
  { label: 'p99', of: ({ p99Ms }: ToolStatistics) => toTime(p99Ms) },
  { label: 'Waiting', of: ({ averageQueueMs }: ToolStatistics) => toTime(averageQueueMs) },
  { label: 'Execution', of: ({ averageExecutionMs }: ToolStatistics) => toTime(averageExecutionMs) },
  { label: 'Upstreams', of: ({ averageUpstreamMs }: ToolStatistics) => toTime(averageUpstreamMs) },
];

function StatisticsTable({ tools }: { tools: ToolStatistics[] }) {
  const servers = useServerNames();
  const { values, linkTo } = useCallSearch();
  const span = values.from === undefined && values.to === undefined ? (values.span ?? DAY) : undefined;
  return (
    <ListTable
      label="Statistics"
      minWidth={960}
      columns={['Tool', ...NUMBERS.map(({ label }) => ({ name: label, ta: 'right' as const }))]}
      horizontalSpacing="xs"
    >
      {tools.map((each) => (
        <Table.Tr key={`${each.serverId} ${each.originId} ${each.kind} ${each.tool}`}>
          <Table.Th scope="row">
            <Anchor
              component={Link}
              to={linkTo({ view: undefined, serverId: each.serverId, tool: each.tool, span })}
              size="sm"
              fw={600}
            >
              {each.tool}
            </Anchor>
            <Text size="xs" c="dimmed">
              {servers.get(each.serverId) ?? each.serverId}
            </Text>
          </Table.Th>
          {NUMBERS.map(({ label, of }) => (
            <Table.Td key={label} ta="right" style={{ whiteSpace: 'nowrap' }}>
              {of(each)}
            </Table.Td>
          ))}
        </Table.Tr>
      ))}
    </ListTable>
  );
}

function toShare(part: number, all: number): string {
  return part === 0 || all === 0 ? String(part) : `${part} (${Math.round((100 * part) / all)} %)`;
}

/** `ms` is undefined if nothing ran. */
function toTime(ms: number | undefined): string {
  return ms === undefined ? '–' : toDuration(ms);
}
