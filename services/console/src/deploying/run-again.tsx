import type { Deployment } from '@toolplane/api-client';
import { useChange } from '../api/use-api.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';

export function RunAgain({ deployment: { id, serverId } }: { deployment: Deployment }) {
  const change = useChange({
    change: (api) =>
      api.POST('/mcp-servers/{id}/deployments/{deploymentId}/rollback', {
        params: { path: { id: serverId, deploymentId: id } },
      }),
    outdates: ['/mcp-servers'],
  });
  return (
    <ConfirmButton label="Run again" of={id} change={change} size="xs">
      This deployment replaces the active one at once: agents see the tools of its document. The documents that it
      fetched for its sources are used unchanged.
    </ConfirmButton>
  );
}
