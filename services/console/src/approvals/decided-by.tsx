import { Text } from '@mantine/core';
import type { Approval } from '@toolplane/api-client';
import { useHere } from '../api/session.ts';
import { useKeyNames, usePersonNames } from '../parts/names.ts';

export function DecidedBy({ approval: { decidedBy } }: { approval: Approval }) {
  const { person } = useHere().session;
  const [people, keys] = [usePersonNames(), useKeyNames()];
  if (decidedBy === null) return undefined;
  const { kind, id } = decidedBy;
  const name = kind === 'key' ? `key ${keys.get(id) ?? id}` : id === person.id ? 'you' : (people.get(id) ?? id);
  return (
    <Text size="xs" c="dimmed">
      by {name}
    </Text>
  );
}
