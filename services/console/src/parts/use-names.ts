import { useHere, useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';

/** Somebody or something that has an id, and what people call it. */
export type Named = { id: string; name: string; kind: 'person' | 'key' | 'agent' };

/**
 * The people, keys and agents that whoever looks may know of, as far as one page of each goes; all others stay their ids.
 */
export function useNames(): { all: Named[]; nameOf: (id: string) => string | undefined } {
  const scope = useMay('workspaces:write') ? 'organization' : 'workspace';
  const query = { limit: 100 };
  const members = useAnswer<{ personId: string; name: string }[]>(
    '/members',
    { ...query, scope },
    { isWanted: useMay('members:write') },
  );
  const keys = useAnswer<{ id: string; name: string }[]>('/api-keys', query, { isWanted: useMay('api-keys:write') });
  const agents = useAnswer<{ id: string; name: string }[]>('/agents', query);
  const { person } = useHere().session;
  const found = new Map<string, Named>([[person.id, { id: person.id, name: person.name, kind: 'person' }]]);
  for (const { personId: id, name } of members.data?.data ?? []) found.set(id, { id, name, kind: 'person' });
  for (const { id, name } of keys.data?.data ?? []) found.set(id, { id, name, kind: 'key' });
  for (const { id, name } of agents.data?.data ?? []) found.set(id, { id, name, kind: 'agent' });
  return { all: [...found.values()], nameOf: (id) => found.get(id)?.name };
}
