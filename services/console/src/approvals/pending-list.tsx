import { Button, Card, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Approval } from '@toolplane/api-client';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { CallerName } from '../parts/caller-name.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import { useList } from '../parts/use-list.ts';
import type { PendingDecision } from './approval.ts';
import { HeldCall } from './held-call.tsx';

const LOOK_EVERY_MS = 5000;
const PER_PAGE = 25;

type Parts = { onDecide: (decision: PendingDecision) => void };

export function PendingList({ onDecide }: Parts) {
  const list = useList('waiting');
  const query = { state: 'pending', page: list.page, limit: PER_PAGE } as const;
  const pending = useAnswer('/approvals', { query }, { every: LOOK_EVERY_MS });
  return (
    <WhenAnswered answer={pending}>
      {({ data }) => (
        <>
          {data.length === 0 ? (
            <NothingYet>No calls are waiting.</NothingYet>
          ) : (
            <Waiting approvals={data} onDecide={onDecide} />
          )}
          <Pager answer={pending} list={list} />
        </>
      )}
    </WhenAnswered>
  );
}

/** Cards instead of a table, so that phones show the buttons next to the call. */
function Waiting({ approvals, onDecide }: Parts & { approvals: Approval[] }) {
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        Only the names of the arguments are shown: their values stay at the edge. Ask the caller, who was told the same
        request.
      </Text>
      {approvals.map((approval) => (
        <Card key={approval.id} component="article" withBorder aria-label={`${approval.tool}, ${approval.request}`}>
          <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }}>
            <HeldCall approval={approval} />
            <div>
              <CallerName caller={{ ...approval.caller, id: approval.caller.keyId }} />
              <Text size="xs" c="dimmed">
                request{' '}
                <Text component="span" inherit ff="monospace">
                  {approval.request}
                </Text>
              </Text>
            </div>
            <Text size="sm" component="div">
              since <Time at={approval.requestedAt} />
              <br />
              until <Time at={approval.expiresAt} />
            </Text>
            <Group gap="xs" align="flex-start">
              <Button size="xs" onClick={() => onDecide({ approval, step: 'approve' })}>
                Approve
              </Button>
              <Button size="xs" variant="default" onClick={() => onDecide({ approval, step: 'deny' })}>
                Deny
              </Button>
            </Group>
          </SimpleGrid>
        </Card>
      ))}
    </Stack>
  );
}
