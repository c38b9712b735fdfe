import { Anchor, Code, DataList, Drawer, Stack, Table, Text, Title } from '@mantine/core';
import type { AuditEntry } from '@toolplane/api-client';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { ListTable } from '../parts/list-table.tsx';
import { Time } from '../parts/time.tsx';
import { ActorName } from './actor-name.tsx';

type Parts = { entry: AuditEntry | undefined; onClose: () => void };

/** All details of one entry. */
export function EntryDrawer({ entry, onClose }: Parts) {
  return (
    <Drawer
      opened={entry !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={entry === undefined ? undefined : `Entry ${entry.number}`}
    >
      {entry === undefined ? undefined : <Entry entry={entry} onClose={onClose} />}
    </Drawer>
  );
}

function Entry({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const { at, kind, actor, address, workspaceId, action, target = {}, outcome, requestId, hash } = entry;
  return (
    <Stack>
      <DataList labelWidth="7rem">
        <Item label="When">
          <Time at={at} />
        </Item>
        <Item label="Who">
          <ActorName actor={actor} />
          <Anchor component={Link} to={`?actorId=${encodeURIComponent(actor.id)}`} onClick={onClose} size="sm">
            All entries of this actor
          </Anchor>
        </Item>
        <Item label="From">{address}</Item>
        <Item label="Action">{action}</Item>
        {Object.entries(target).map(([name, value]) => (
          <Item key={name} label={name}>
            {value}
          </Item>
        ))}
        <Item label="Outcome">{outcome}</Item>
        <Item label="Workspace">{workspaceId}</Item>
        <Item label="Kind">{KINDS[kind]}</Item>
        <Item label="Request">{requestId}</Item>
        <Item label="Hash">{hash}</Item>
      </DataList>
      <Changes entry={entry} />
      {entry.details === undefined ? undefined : (
        <>
          <Title order={3} size="h5">
            Details
          </Title>
          <Code block>{JSON.stringify(entry.details, null, 2)}</Code>
        </>
      )}
    </Stack>
  );
}

const KINDS = { begun: 'start of a change', ended: 'end of a change', event: 'event' } as const;

function Item({ label, children }: { label: string; children: ReactNode }) {
  if (children === undefined) return undefined;
  return (
    <DataList.Item>
      <DataList.ItemLabel>{label}</DataList.ItemLabel>
      <DataList.ItemValue>{children}</DataList.ItemValue>
    </DataList.Item>
  );
}

function Changes({ entry: { changes = [], kind, outcome } }: { entry: AuditEntry }) {
  if (changes.length === 0) {
    return kind === 'ended' && outcome === 'done' ? (
      <Text c="dimmed">Nothing visible in the API has changed.</Text>
    ) : undefined;
  }
  return (
    <>
      <Title order={3} size="h5">
        Changes
      </Title>
      <ListTable label="Changes" minWidth={480} columns={['Where', 'Before', 'After']} layout="fixed">
        {changes.map(({ pointer, before, after }) => (
          <Table.Tr key={pointer}>
            <Table.Th scope="row">{pointer === '' ? 'all of it' : pointer}</Table.Th>
            <Table.Td>{toText(before)}</Table.Td>
            <Table.Td>{toText(after)}</Table.Td>
          </Table.Tr>
        ))}
      </ListTable>
    </>
  );
}

function toText(value: unknown): ReactNode {
  if (value === undefined) return <Text c="dimmed">nothing</Text>;
  return <Code block>{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</Code>;
}
