import { Anchor, Table, Text } from '@mantine/core';
import type { Call } from '@toolplane/api-client';
import { Link } from 'react-router';
import { CallerName } from '../parts/caller-name.tsx';
import { toDuration } from '../parts/duration.ts';
import { ListTable } from '../parts/list-table.tsx';
import { useServerNames } from '../parts/names.ts';
import { useCallSearch } from './call-search.ts';
import { OutcomeOf } from './outcome.tsx';

// Times include seconds, which distinguish calls.
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' });

export function CallTable({ calls }: { calls: Call[] }) {
  const servers = useServerNames();
  const { linkTo } = useCallSearch();
  return (
    <ListTable
      label="Calls"
      minWidth={860}
      columns={['Time', 'Tool', 'Outcome', 'Caller', { name: 'Duration', ta: 'right' }]}
    >
      {calls.map((call) => (
        <Table.Tr key={call.id}>
          <Table.Th scope="row">
            <Anchor component={Link} to={linkTo({ call: call.id })} size="sm" style={{ whiteSpace: 'nowrap' }}>
              <time dateTime={call.startedAt}>{moment.format(new Date(call.startedAt))}</time>
            </Anchor>
          </Table.Th>
          <Table.Td>
            <Text size="sm" fw={600}>
              {call.tool}
            </Text>
            <Text size="xs" c="dimmed">
              {servers.get(call.serverId) ?? call.serverId}
            </Text>
          </Table.Td>
          <Table.Td>
            <OutcomeOf call={call} />
          </Table.Td>
          <Table.Td>
            <CallerName caller={call.caller} />
          </Table.Td>
          <Table.Td ta="right">{toDuration(call.durationMs)}</Table.Td>
        </Table.Tr>
      ))}
    </ListTable>
  );
}
