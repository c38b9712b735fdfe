import { Button, Table, Text } from '@mantine/core';
import type { AuditEntry } from '@toolplane/api-client';
import { ListTable } from '../parts/list-table.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Time } from '../parts/time.tsx';
import { ActorName } from './actor-name.tsx';

type Parts = { entries: AuditEntry[]; onOpen: (entry: AuditEntry) => void };

export function AuditTable({ entries, onOpen }: Parts) {
  return (
    <ListTable label="Entries" minWidth={880} columns={['When', 'Who', 'Action', 'About', 'Outcome', 'Actions']}>
      {entries.map((entry) => (
        <Table.Tr key={entry.number}>
          <Table.Td>
            <Time at={entry.at} />
          </Table.Td>
          <Table.Td>
            <ActorName actor={entry.actor} />
          </Table.Td>
          <Table.Th scope="row" style={{ whiteSpace: 'nowrap' }}>
            {entry.action}
          </Table.Th>
          <Table.Td>
            <Text size="sm">{Object.values(entry.target ?? {}).join(' ') || '–'}</Text>
          </Table.Td>
          <Table.Td>
            <Outcome entry={entry} />
          </Table.Td>
          <Table.Td ta="right">
            <Button
              variant="default"
              size="xs"
              onClick={() => onOpen(entry)}
              aria-label={`Details of entry ${entry.number}`}
            >
              Details
            </Button>
          </Table.Td>
        </Table.Tr>
      ))}
    </ListTable>
  );
}

function Outcome({ entry: { kind, outcome } }: { entry: AuditEntry }) {
  if (kind === 'begun') return <>begun</>;
  if (outcome === undefined) return <>–</>;
  return <StateBadge state={{ label: outcome, tone: outcome === 'done' ? 'good' : 'warning' }} />;
}
