import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';

/** Shows an agent by its name, or by its id if it no longer exists or the person may not see it. */
export function NamedAgent({ id }: { id: string }) {
  const isWanted = useMay('servers:read');
  const agent = useAnswer('/agents/{id}', { path: { id } }, { isWanted }).data?.data;
  if (agent === undefined) return <Text size="sm">{id}</Text>;
  return (
    <Anchor component={Link} to={`../agents?agent=${id}`} relative="path" size="sm">
      {agent.name}
    </Anchor>
  );
}
