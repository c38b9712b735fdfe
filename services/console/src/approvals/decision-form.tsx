import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import type { Approval } from '@toolplane/api-client';
import { type FormEvent, useState } from 'react';
import { toFormProblems } from '../api/form-problems.ts';
import { useChange } from '../api/use-api.ts';
import { toDuration } from '../parts/duration.ts';
import { FormProblem } from '../parts/form-problem.tsx';
import type { PendingDecision } from './approval.ts';
import { HeldCall } from './held-call.tsx';

const REASON_LENGTH_MAX = 500;

/** Explains a decision, asks for the reason, and sends it. */
export function DecisionForm({ decision, onClose }: { decision: PendingDecision | undefined; onClose: () => void }) {
  return (
    <Modal
      opened={decision !== undefined}
      onClose={onClose}
      title={decision?.step === 'deny' ? 'Deny the call' : 'Approve the call'}
    >
      {decision === undefined ? undefined : <Form decision={decision} onClose={onClose} />}
    </Modal>
  );
}

function Form({ decision: { approval, step }, onClose }: { decision: PendingDecision; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const decide = useChange({
    change: (api, body: { reason?: string }) =>
      api.POST(`/approvals/{id}/${step}`, { params: { path: { id: approval.id } }, body }),
    outdates: ['/approvals'],
    onDone: onClose,
  });
  const { at, rest } = toFormProblems(decide.error, ['reason']);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    decide.mutate(reason.trim() === '' ? {} : { reason: reason.trim() });
  };
  const isApproval = step === 'approve';
  return (
    <form onSubmit={submit}>
      <Stack>
        <HeldCall approval={approval} />
        <Text size="sm">Request {approval.request}</Text>
        <Text size="sm">{isApproval ? toPromise(approval) : toRefusal(approval)}</Text>
        <Textarea
          label="Reason (optional)"
          error={at['reason']}
          value={reason}
          maxLength={REASON_LENGTH_MAX}
          autosize
          minRows={2}
          description="For people who review the decision later"
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
          data-autofocus
        />
        <FormProblem error={decide.error} rest={rest} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color={isApproval ? 'blue' : 'red'} loading={decide.isPending}>
            {isApproval ? 'Approve' : 'Deny'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function toPromise({ validSeconds }: Approval): string {
  const time = toDuration(1000 * validSeconds);
  return `The same caller may make this call once, within ${time}, with exactly the arguments of its attempt. The caller has to make the call again.`;
}

function toRefusal({ validSeconds }: Approval): string {
  return `The caller is told when it makes the call again within ${toDuration(1000 * validSeconds)}.`;
}
