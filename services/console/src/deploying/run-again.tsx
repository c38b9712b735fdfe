import { useChange } from '../api/use-api.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import type { Deployment } from './deployment.ts';

export function RunAgain({ deployment: { id, serverId } }: { deployment: Deployment }) {
  const change = useChange({
    change: (api) => api('POST', `/mcp-servers/${serverId}/deployments/${id}/rollback`),
    outdates: ['/mcp-servers'],
  });
  return (
    <ConfirmButton label="Run again" of={id} change={change} size="xs">
      This deployment replaces the active one at once: agents see the tools of its document. The documents that it
      fetched for its sources are used unchanged.
    </ConfirmButton>
  );
}
