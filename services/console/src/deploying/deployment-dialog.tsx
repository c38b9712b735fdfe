import type { Deployment } from '@toolplane/api-client';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { DialogButton } from '../parts/dialog-button.tsx';
import { DeployedDocument } from './deployed-document.tsx';
import { toStart } from './draft.ts';

export function DeploymentDialog({ deployment }: { deployment: Deployment }) {
  return (
    <DialogButton
      label="Document"
      title={`Document of ${deployment.id}`}
      button={{ variant: 'default', size: 'xs' }}
      dialog={{ size: 'xl' }}
    >
      {() => <Content deployment={deployment} />}
    </DialogButton>
  );
}

/** Loads only the deployment that is shown: with its sources it may be large. */
function Content({ deployment: { id, serverId } }: { deployment: Deployment }) {
  const deployment = useAnswer('/mcp-servers/{id}/deployments/{deploymentId}', {
    path: { id: serverId, deploymentId: id },
  });
  return <WhenAnswered answer={deployment}>{({ data }) => <DeployedDocument {...toStart(data)} />}</WhenAnswered>;
}
