import { Badge, Button, Table, Text } from '@mantine/core';
import { Time } from '../parts/time.tsx';
import { ActorName } from './actor-name.tsx';
import type { AuditEntry } from './audit-entry.ts';

type Parts = { entries: AuditEntry[]; onOpen: (entry: AuditEntry) => void };

export function AuditTable({ entries, onOpen }: Parts) {
  return (
    <Table.ScrollContainer minWidth={880}>
      <Table verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>When</Table.Th>
            <Table.Th>Who</Table.Th>
            <Table.Th>Action</Table.Th>
            <Table.Th>About</Table.Th>
            <Table.Th>Outcome</Table.Th>
            <Table.Th aria-label="More of it" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.map((entry) => (
            <Table.Tr key={entry.number}>
              <Table.Td>
                <Time at={entry.at} />
              </Table.Td>
              <Table.Td>
                <ActorName actor={entry.actor} />
              </Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>{entry.action}</Table.Td>
              <Table.Td>
                <Text size="sm">{Object.values(entry.target ?? {}).join(' ') || '–'}</Text>
              </Table.Td>
              <Table.Td>
                <Outcome entry={entry} />
              </Table.Td>
              <Table.Td ta="right">
                <Button
                  {...{ variant: 'default', size: 'xs', onClick: () => onOpen(entry) }}
                  aria-label={`Details of entry ${entry.number}`}
                >
                  Details
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Outcome({ entry: { kind, outcome } }: { entry: AuditEntry }) {
  if (kind === 'begun') return <>begun</>;
  if (outcome === undefined) return <>–</>;
  return (
    <Badge variant="light" color={outcome === 'done' ? 'green' : 'orange'}>
      {outcome}
    </Badge>
  );
}
