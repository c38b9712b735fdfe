import { SegmentedControl, Table, Text } from '@mantine/core';
import type { Approval } from '@toolplane/api-client';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { CallerName } from '../parts/caller-name.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import { useList } from '../parts/use-list.ts';
import { DecidedBy } from './decided-by.tsx';
import { HeldCall } from './held-call.tsx';

const STATES = [
  { value: 'approved', label: 'Approved' },
  { value: 'denied', label: 'Denied' },
  { value: 'expired', label: 'Expired' },
] as const;

/** Decisions are kept for 30 days. */
export function DecidedList() {
  const list = useList();
  const state = list.chosen(
    'state',
    STATES.map(({ value }) => value),
  );
  const decided = useAnswer('/approvals', { query: { state, page: list.page, limit: 25 } });
  return (
    <>
      <SegmentedControl
        data={[...STATES]}
        value={state}
        maw={360}
        aria-label="Outcome"
        onChange={(chosen) => list.choose('state', chosen)}
      />
      <WhenAnswered answer={decided}>
        {({ data }) => (
          <>
            {data.length === 0 ? (
              <NothingYet>There are none from the last 30 days.</NothingYet>
            ) : (
              <DecidedTable approvals={data} isExpired={state === 'expired'} />
            )}
            <Pager answer={decided} list={list} />
          </>
        )}
      </WhenAnswered>
    </>
  );
}

function DecidedTable({ approvals, isExpired }: { approvals: Approval[]; isExpired: boolean }) {
  return (
    <ListTable
      label="Decided calls"
      minWidth={900}
      columns={['Call', 'Caller', 'Asked', ...(isExpired ? ['Expired'] : ['Decided', 'Holds until', 'Reason'])]}
    >
      {approvals.map((approval) => (
        <Table.Tr key={approval.id}>
          <Table.Th scope="row">
            <HeldCall approval={approval} />
          </Table.Th>
          <Table.Td>
            <CallerName caller={{ ...approval.caller, id: approval.caller.keyId }} />
          </Table.Td>
          <Table.Td>
            <Time at={approval.requestedAt} />
          </Table.Td>
          <Table.Td>
            <Time at={isExpired ? approval.expiresAt : approval.decidedAt} />
            {isExpired ? undefined : <DecidedBy approval={approval} />}
          </Table.Td>
          {isExpired ? undefined : (
            <>
              <Table.Td>
                <Time at={approval.validUntil} />
              </Table.Td>
              <Table.Td>
                <Text size="sm">{approval.reason ?? '–'}</Text>
              </Table.Td>
            </>
          )}
        </Table.Tr>
      ))}
    </ListTable>
  );
}
