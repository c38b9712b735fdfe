import { type Permission, useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';

/** What people call what the API names by ids. Who is not among the first hundred, or is gone, stays an id. */
export type Names = ReadonlyMap<string, string>;

type Named = { id: string; name: string };

/** Those that are archived too: calls of them are still looked at. */
export function useServerNames(): Names {
  const query = { limit: 100, sortBy: 'updatedAt' };
  const servers = useAnswer<Named[]>('/mcp-servers', query);
  const archived = useAnswer<Named[]>('/mcp-servers', { ...query, archived: 'true' });
  return new Map([...(archived.data?.data ?? []), ...(servers.data?.data ?? [])].map(toPair));
}

export function useAgentNames(): Names {
  return useNames('/agents', 'servers:read');
}

export function useKeyNames(): Names {
  return useNames('/api-keys', 'api-keys:write');
}

export function usePersonNames(): Names {
  const mayLook = useMay('members:write');
  const members = useAnswer<{ personId: string; name: string }[]>('/members', { limit: 100 }, { isWanted: mayLook });
  return new Map((members.data?.data ?? []).map(({ personId, name }) => [personId, name]));
}

/** Who may not look at them sees ids. */
function useNames(path: string, permission: Permission): Names {
  const mayLook = useMay(permission);
  const found = useAnswer<Named[]>(path, { limit: 100 }, { isWanted: mayLook });
  return new Map((found.data?.data ?? []).map(toPair));
}

function toPair({ id, name }: Named): [string, string] {
  return [id, name];
}
