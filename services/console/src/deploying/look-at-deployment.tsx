import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { DeployedDocument } from './deployed-document.tsx';
import type { Deployment, DeploymentWithSource } from './deployment.ts';
import { toStart } from './draft.ts';

export function LookAtDeployment({ deployment }: { deployment: Deployment }) {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" size="xs" onClick={open}>
        Document
      </Button>
      <Modal opened={isOpen} onClose={close} size="xl" title={`Document of ${deployment.id}`}>
        <Content deployment={deployment} />
      </Modal>
    </>
  );
}

/** Loads only the deployment that is shown: with its sources it may be large. */
function Content({ deployment: { id, serverId } }: { deployment: Deployment }) {
  const deployment = useAnswer<DeploymentWithSource>(`/mcp-servers/${serverId}/deployments/${id}`);
  return <WhenAnswered answer={deployment}>{({ data }) => <DeployedDocument {...toStart(data)} />}</WhenAnswered>;
}
