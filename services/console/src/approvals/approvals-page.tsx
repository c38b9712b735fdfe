import { Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useMay } from '../api/session.ts';
import { Page } from '../parts/page.tsx';
import type { PendingDecision } from './approval.ts';
import { DecidedList } from './decided-list.tsx';
import { DecisionForm } from './decision-form.tsx';
import { PendingList } from './pending-list.tsx';

export function ApprovalsPage() {
  const mayDecide = useMay('approvals:write');
  return (
    <Page title="Approvals" about="Calls that a policy allows only after a member of the workspace has approved them.">
      {mayDecide ? <Lists /> : <Text>You need the permission approvals:write to see and decide them.</Text>}
    </Page>
  );
}

/** The dialog is rendered above the lists, so that it stays open while they change. */
function Lists() {
  const [asked, setAsked] = useState<PendingDecision>();
  return (
    <>
      <Stack component="section" aria-labelledby="pending">
        <Title order={2} size="h4" id="pending">
          Waiting for a decision
        </Title>
        <PendingList onDecide={setAsked} />
      </Stack>
      <Stack component="section" aria-labelledby="decided">
        <Title order={2} size="h4" id="decided">
          Decided and expired
        </Title>
        <DecidedList />
      </Stack>
      <DecisionForm decision={asked} onClose={() => setAsked(undefined)} />
    </>
  );
}
