import type { ConnectorInstance } from '@toolplane/api-client';
import type { CredentialScope } from '@toolplane/contracts';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';

/**
 * The scopes whose credentials the person may set. A workspace cannot change credentials that the whole organization
 * shares. For a shared instance, credentials of users and agents can be changed only in the workspace of its server.
 */
export function useWritableScopes({ workspace, server }: ConnectorInstance): readonly CredentialScope[] {
  const maySeal = useMay('secrets:write');
  const mayShare = useMay('connectors:write');
  const isAsked = maySeal && !mayShare && workspace === null && server !== null;
  const found = useAnswer('/mcp-servers/{id}', { path: { id: server?.id ?? '' } }, { isWanted: isAsked });
  if (!maySeal) return [];
  if (mayShare) return ['workspace', 'organization', 'agent', 'user'];
  return workspace !== null || found.isSuccess ? ['workspace', 'agent', 'user'] : ['workspace'];
}
