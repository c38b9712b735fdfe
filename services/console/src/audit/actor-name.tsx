import { Text } from '@mantine/core';
import { useNames } from '../parts/use-names.ts';
import type { AuditEntry } from './audit-entry.ts';

/** Who did something: by name where that is known, besides that what the entry says. */
export function ActorName({ actor: { kind, id } }: { actor: AuditEntry['actor'] }) {
  const name = useNames().nameOf(id);
  return (
    <>
      {name === undefined ? undefined : <Text size="sm">{name}</Text>}
      <Text size={name === undefined ? 'sm' : 'xs'} c={name === undefined ? '' : 'dimmed'}>
        {kind} {id}
      </Text>
    </>
  );
}
