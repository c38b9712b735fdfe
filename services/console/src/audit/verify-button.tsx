import { Alert, Button, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { AnswerTo, ApiClient } from '@toolplane/api-client';
import { useChange } from '../api/use-api.ts';
import { Loading, Problem } from '../parts/answers.tsx';

type Verification = AnswerTo<'/audit-log/verification', 'get'>['data'];

/** Verifies that each entry of the organization's chain follows the previous one. */
export function VerifyButton() {
  const [isOpen, { open, close }] = useDisclosure();
  const verify = useChange({ change: verifyAll, outdates: [] });
  const ask = () => {
    open();
    verify.mutate();
  };
  return (
    <>
      <Button variant="default" onClick={ask}>
        Verify
      </Button>
      <Modal opened={isOpen} onClose={close} title="The chain of the audit log">
        {verify.isPending ? <Loading /> : undefined}
        {verify.isError ? <Problem error={verify.error} /> : undefined}
        {verify.data === undefined ? undefined : <Verdict verification={verify.data} />}
      </Modal>
    </>
  );
}

/** The API verifies some thousand entries per request. */
async function verifyAll(api: ApiClient): Promise<Verification> {
  let entries = 0;
  let cursor = '0';
  for (;;) {
    const { data } = await api.GET('/audit-log/verification', { params: { query: { cursor } } });
    entries += data.entries;
    if (data.nextCursor === null) return { ...data, entries };
    cursor = data.nextCursor;
  }
}

function Verdict({ verification: { isIntact, entries, brokenAt } }: { verification: Verification }) {
  const count = entries.toLocaleString();
  return (
    <Stack>
      {isIntact ? (
        <Alert color="green" title="Intact" role="status">
          {count} entries were checked; each follows the previous one.
        </Alert>
      ) : (
        <Alert color="red" title={`Broken at entry ${brokenAt}`} role="alert">
          It does not follow the previous entry, or is missing: somebody has changed the table. {count} entries before
          it are intact.
        </Alert>
      )}
      <Text size="sm" c="dimmed">
        With signed ends of the chain stored elsewhere, you can also detect whether the whole chain was rewritten.
      </Text>
    </Stack>
  );
}
