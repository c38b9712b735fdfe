import { Table, Title } from '@mantine/core';
import type { ServiceLevel } from '@toolplane/api-client';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { toDuration } from '../parts/duration.ts';
import { ListTable } from '../parts/list-table.tsx';
import { type Measured, measure } from './measured.ts';

/** What the API promises, next to the measurements of the calls of the last 24 hours. */
export function ServiceLevelSection({ sla, serverId }: { sla: ServiceLevel; serverId: string }) {
  // The statistics of the workspace include calls at other servers that offer these tools.
  const statistics = useAnswer('/calls/statistics', {});
  return (
    <section>
      <Title order={2} size="h4" mb="xs">
        Service level
      </Title>
      <WhenAnswered answer={statistics}>
        {({ data }) => <Figures sla={sla} measured={measure(data.tools, serverId)} />}
      </WhenAnswered>
    </section>
  );
}

function Figures({ sla, measured }: { sla: ServiceLevel; measured: Measured }) {
  const { availability_percentage: availability, latency_ms_p95: latency } = sla;
  return (
    <ListTable
      label="Service level"
      minWidth={320}
      columns={['Figure', 'Promised by the API', 'Measured in the last 24 hours']}
    >
      <Table.Tr>
        <Table.Th scope="row">Success</Table.Th>
        <Table.Td>{availability === undefined ? '–' : `${availability} % available`}</Table.Td>
        <Table.Td>{toShare(measured)}</Table.Td>
      </Table.Tr>
      <Table.Tr>
        <Table.Th scope="row">95 % of answers</Table.Th>
        <Table.Td>{latency === undefined ? '–' : `within ${toDuration(latency)}`}</Table.Td>
        <Table.Td>{toLatency(measured)}</Table.Td>
      </Table.Tr>
    </ListTable>
  );
}

const count = new Intl.NumberFormat('en');

function toShare({ calls, successPercentage }: Measured): string {
  if (successPercentage === undefined) return 'no calls';
  return `${successPercentage} % without an error, of ${count.format(calls)} ${calls === 1 ? 'call' : 'calls'}`;
}

/** The latency of calls that were completed. */
function toLatency({ slowest }: Measured): string {
  return slowest === undefined ? '–' : `within ${toDuration(slowest.p95Ms)} (slowest tool: ${slowest.tool})`;
}
