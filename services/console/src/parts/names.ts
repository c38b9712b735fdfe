import { useHere, useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';

/**
 * The names of things that the API identifies by ids. Deleted things, and those beyond the first hundred, are shown by
 * their ids.
 */
export type Names = ReadonlyMap<string, string>;

/** Somebody or something that acts. */
export type NamedActor = { id: string; name: string; kind: 'person' | 'key' | 'agent' };

/** Includes archived servers, because their calls are still shown. */
export function useServerNames(): Names {
  const query = { limit: 100, sortBy: 'updatedAt' } as const;
  const servers = useAnswer('/mcp-servers', { query });
  const archived = useAnswer('/mcp-servers', { query: { ...query, isArchived: true } });
  return new Map([...(archived.data?.data ?? []), ...(servers.data?.data ?? [])].map(toPair));
}

export function useAgentNames(): Names {
  return toNames(useAnswer('/agents', { query: FIRST_PAGE }, { isWanted: useMay('servers:read') }));
}

export function useKeyNames(): Names {
  return toNames(useAnswer('/api-keys', { query: FIRST_PAGE }, { isWanted: useMay('api-keys:write') }));
}

/** The names of all members of the organization, if the person may see them, and always the person's own. */
export function usePersonNames(): Names {
  const { person } = useHere().session;
  const scope = useMay('workspaces:write') ? 'organization' : 'workspace';
  const isWanted = useMay('members:write');
  const members = useAnswer('/members', { query: { limit: 100, scope } }, { isWanted });
  const pairs = (members.data?.data ?? []).map(({ personId, name }) => [personId, name] as const);
  return new Map([[person.id, person.name] as const, ...pairs]);
}

/** All people, keys and agents that the signed-in person may see. */
export function useActors(): { all: NamedActor[]; nameOf: (id: string) => string | undefined } {
  const toNamed = (names: Names, kind: NamedActor['kind']) => [...names].map(([id, name]) => ({ id, name, kind }));
  const people = usePersonNames();
  const keys = useKeyNames();
  const agents = useAgentNames();
  return {
    all: [...toNamed(people, 'person'), ...toNamed(keys, 'key'), ...toNamed(agents, 'agent')],
    nameOf: (id) => people.get(id) ?? keys.get(id) ?? agents.get(id),
  };
}

type Entry = { id: string; name: string };

const FIRST_PAGE = { limit: 100 };

/** If the person may not list them, their ids are shown. */
function toNames({ data }: { data: { data: Entry[] } | undefined }): Names {
  return new Map((data?.data ?? []).map(toPair));
}

function toPair({ id, name }: Entry): [string, string] {
  return [id, name];
}
