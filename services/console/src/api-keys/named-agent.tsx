import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';

/** An agent by its id: its name, for those who may see it, and its id when it is gone. */
export function NamedAgent({ id }: { id: string }) {
  const isWanted = useMay('servers:read');
  const agent = useAnswer<{ name: string }>(`/agents/${id}`, {}, { isWanted }).data?.data;
  if (agent === undefined) return <Text size="sm">{id}</Text>;
  return (
    <Anchor component={Link} to={`../agents?agent=${id}`} relative="path" size="sm">
      {agent.name}
    </Anchor>
  );
}
