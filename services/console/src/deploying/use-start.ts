import type { DeploymentWithSource, McpServer } from '@toolplane/api-client';
import { useState } from 'react';
import { useAnswer } from '../api/use-api.ts';
import { type Start, toStart } from './draft.ts';
import { STARTING_DOCUMENT } from './starting-document.ts';

/** The initial text for a server; undefined until it is known. */
export function useStart({ id, activeDeploymentId }: McpServer): { start: Start | undefined; error: Error | null } {
  const isWanted = activeDeploymentId !== null;
  const { data, error } = useAnswer(
    '/mcp-servers/{id}/deployments/{deploymentId}',
    { path: { id, deploymentId: activeDeploymentId ?? '' } },
    { isWanted },
  );
  const [last, setLast] = useState<{ of: DeploymentWithSource | null; start: Start }>();
  const current = isWanted ? data?.data : null;
  // After a deployment, the previous document remains until the new one is loaded, so that the editor does not flicker.
  if (current !== undefined && current !== last?.of) {
    setLast({ of: current, start: current === null ? STARTING_DOCUMENT : toStart(current) });
  }
  return { start: last?.start, error };
}
