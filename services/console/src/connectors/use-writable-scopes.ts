import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import type { Scope } from './credential.ts';
import type { ConnectorInstance } from './instance.ts';

/**
 * For whose calls somebody may set credentials. What all of an organization shares is not for one of its workspaces to
 * change; of a shared instance neither is what its users and agents have, but where its server is.
 */
export function useWritableScopes({ workspace, server }: ConnectorInstance): readonly Scope[] {
  const maySeal = useMay('secrets:write');
  const mayShare = useMay('connectors:write');
  const isAsked = maySeal && !mayShare && workspace === null && server !== null;
  const found = useAnswer(`/mcp-servers/${server?.id}`, {}, { isWanted: isAsked });
  if (!maySeal) return [];
  if (mayShare) return ['workspace', 'organization', 'agent', 'user'];
  return workspace !== null || found.isSuccess ? ['workspace', 'agent', 'user'] : ['workspace'];
}
