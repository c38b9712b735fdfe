import { Text } from '@mantine/core';
import type { AuditEntry } from '@toolplane/api-client';
import { useActors } from '../parts/names.ts';

/** The name of an actor if it is known, otherwise the kind and id in the entry. */
export function ActorName({ actor: { kind, id } }: { actor: AuditEntry['actor'] }) {
  const name = useActors().nameOf(id);
  return (
    <>
      {name === undefined ? undefined : <Text size="sm">{name}</Text>}
      <Text size={name === undefined ? 'sm' : 'xs'} c={name === undefined ? '' : 'dimmed'}>
        {kind} {id}
      </Text>
    </>
  );
}
