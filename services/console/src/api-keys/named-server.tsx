import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';

/** Shows a server by its name, or by its id if it no longer exists or the person may not see it. */
export function NamedServer({ id }: { id: string }) {
  const isWanted = useMay('servers:read');
  const server = useAnswer('/mcp-servers/{id}', { path: { id } }, { isWanted }).data?.data;
  if (server === undefined) return <Text size="sm">{id}</Text>;
  return (
    <Anchor component={Link} to={`../servers/${id}`} display="block" size="sm">
      {server.name}
    </Anchor>
  );
}
