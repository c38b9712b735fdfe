import { Text } from '@mantine/core';
import { useAgentNames, useKeyNames, usePersonNames } from './names.ts';

/** `id` is that of a key. */
type Caller = { kind: string; id?: string | null; agentId?: string | null; username?: string | null };

const KINDS: Record<string, string> = { token: 'an access token', anonymous: 'without a key' };

/** The caller by name: first the user, then the credential that was used. */
export function CallerName({ caller: { kind, id, agentId, username } }: { caller: Caller }) {
  const [keys, agents, people] = [useKeyNames(), useAgentNames(), usePersonNames()];
  const user = username ? (people.get(username) ?? username) : undefined;
  const agent = agentId ? `agent ${agents.get(agentId) ?? agentId}` : undefined;
  // The id of a token consists of its issuer, its subject and its client, which is not useful in a list.
  const isDebugger = id?.startsWith('dbg_');
  const credential = isDebugger
    ? 'a debug session'
    : kind === 'key' && id
      ? `key ${keys.get(id) ?? id}`
      : (KINDS[kind] ?? kind);
  const [first, ...rest] = [user, agent, credential].filter((name) => name !== undefined);
  return (
    <>
      <Text size="sm">{first}</Text>
      {rest.length === 0 ? undefined : (
        <Text size="xs" c="dimmed">
          {rest.join(', ')}
        </Text>
      )}
    </>
  );
}
