import { SegmentedControl, Table, Text } from '@mantine/core';
import { useSearchParams } from 'react-router';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { CallerName } from '../parts/caller-name.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import type { Approval } from './approval.ts';
import { DecidedBy } from './decided-by.tsx';
import { HeldCall } from './held-call.tsx';

const STATES = [
  { value: 'approved', label: 'Approved' },
  { value: 'denied', label: 'Denied' },
  { value: 'expired', label: 'Expired' },
];

/** Kept for 30 days. Which of them, and the page, are in the address. */
export function DecidedList() {
  const [params, setParams] = useSearchParams();
  const state = STATES.find(({ value }) => value === params.get('state'))?.value ?? 'approved';
  const page = Number(params.get('page') ?? 1);
  const decided = useAnswer<Approval[]>('/approvals', { state, page, limit: 25 });
  return (
    <>
      <SegmentedControl
        {...{ data: STATES, value: state, maw: 360 }}
        aria-label="What became of them"
        onChange={(chosen) => setParams({ state: chosen }, { replace: true })}
      />
      <WhenAnswered answer={decided}>
        {({ data }) => (
          <>
            {data.length === 0 ? (
              <NothingYet>No call of the last 30 days.</NothingYet>
            ) : (
              <DecidedTable approvals={data} isExpired={state === 'expired'} />
            )}
            <Pager
              answer={decided}
              page={page}
              onPage={(chosen) => setParams({ state, page: String(chosen) }, { replace: true })}
            />
          </>
        )}
      </WhenAnswered>
    </>
  );
}

function DecidedTable({ approvals, isExpired }: { approvals: Approval[]; isExpired: boolean }) {
  return (
    <Table.ScrollContainer minWidth={900}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Call</Table.Th>
            <Table.Th>Caller</Table.Th>
            <Table.Th>Asked</Table.Th>
            <Table.Th>{isExpired ? 'Expired' : 'Decided'}</Table.Th>
            {isExpired ? undefined : (
              <>
                <Table.Th>Holds until</Table.Th>
                <Table.Th>Reason</Table.Th>
              </>
            )}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {approvals.map((approval) => (
            <Table.Tr key={approval.id}>
              <Table.Td>
                <HeldCall approval={approval} />
              </Table.Td>
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
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
