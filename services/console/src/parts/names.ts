import { type Permission, useHere, useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';

/**
 * The names of things that the API identifies by ids. Deleted things, and those beyond the first hundred, are shown by
 * their ids.
 */
export type Names = ReadonlyMap<string, string>;

/** Somebody or something that acts. */
export type Named = { id: string; name: string; kind: 'person' | 'key' | 'agent' };

/** Includes archived servers, because their calls are still shown. */
export function useServerNames(): Names {
  const query = { limit: 100, sortBy: 'updatedAt' };
  const servers = useAnswer<Entry[]>('/mcp-servers', query);
  const archived = useAnswer<Entry[]>('/mcp-servers', { ...query, isArchived: 'true' });
  return new Map([...(archived.data?.data ?? []), ...(servers.data?.data ?? [])].map(toPair));
}

export function useAgentNames(): Names {
  return useFirstPage('/agents', 'servers:read');
}

export function useKeyNames(): Names {
  return useFirstPage('/api-keys', 'api-keys:write');
}

/** The names of all members of the organization, if the person may see them, and always the person's own. */
export function usePersonNames(): Names {
  const { person } = useHere().session;
  const scope = useMay('workspaces:write') ? 'organization' : 'workspace';
  const isWanted = useMay('members:write');
  const members = useAnswer<{ personId: string; name: string }[]>('/members', { limit: 100, scope }, { isWanted });
  const pairs = (members.data?.data ?? []).map(({ personId, name }) => [personId, name] as const);
  return new Map([[person.id, person.name] as const, ...pairs]);
}

/** All people, keys and agents that the signed-in person may see. */
export function useActors(): { all: Named[]; nameOf: (id: string) => string | undefined } {
  const toNamed = (names: Names, kind: Named['kind']) => [...names].map(([id, name]) => ({ id, name, kind }));
  const people = usePersonNames();
  const keys = useKeyNames();
  const agents = useAgentNames();
  return {
    all: [...toNamed(people, 'person'), ...toNamed(keys, 'key'), ...toNamed(agents, 'agent')],
    nameOf: (id) => people.get(id) ?? keys.get(id) ?? agents.get(id),
  };
}

type Entry = { id: string; name: string };

/** If the person may not list them, their ids are shown. */
function useFirstPage(path: string, permission: Permission): Names {
  const found = useAnswer<Entry[]>(path, { limit: 100 }, { isWanted: useMay(permission) });
  return new Map((found.data?.data ?? []).map(toPair));
}

function toPair({ id, name }: Entry): [string, string] {
  return [id, name];
}
