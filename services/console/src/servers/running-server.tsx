import { Group, Text } from '@mantine/core';
import type { McpServer } from '@toolplane/api-client';
import { useNavigate } from 'react-router';
import { useChange } from '../api/use-api.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';

/** Starts, stops, archives and deletes a server. */
export function RunningServer({ server }: { server: McpServer }) {
  const stop = useAction(server, 'stop');
  const start = useAction(server, 'start');
  const archive = useAction(server, 'archive');
  const unarchive = useAction(server, 'unarchive');
  const navigate = useNavigate();
  const remove = useChange({
    change: (api) => api.DELETE('/mcp-servers/{id}', { params: { path: { id: server.id } } }),
    outdates: ['/mcp-servers', '/tools'],
    onDoneHere: () => navigate('../..', { relative: 'path' }),
  });
  if (server.connectorInstanceId !== null) {
    return <Text size="sm">This server belongs to a connector instance: start, stop and delete it there.</Text>;
  }
  return (
    <Group>
      {server.isArchived ? (
        <ConfirmButton label="Unarchive" change={unarchive}>
          It is listed again, and stays stopped until you start it.
        </ConfirmButton>
      ) : (
        <>
          {/* If somebody else was faster, the different keys close a question instead of inverting it. */}
          {server.isStopped ? (
            <ConfirmButton key="start" label="Start" change={start}>
              Agents can use it again at once.
            </ConfirmButton>
          ) : (
            <ConfirmButton key="stop" label="Stop" change={stop}>
              Agents are told that it is stopped, and the catalogue does not list its tools.
            </ConfirmButton>
          )}
          <ConfirmButton label="Archive" change={archive}>
            It is stopped and kept out of lists. Its name stays taken.
          </ConfirmButton>
        </>
      )}
      <ConfirmButton isFinal label="Delete" of={server.name} change={remove} color="red" variant="outline">
        The server, its deployments and its secrets are deleted. This cannot be undone.
      </ConfirmButton>
    </Group>
  );
}

function useAction({ id }: McpServer, action: 'stop' | 'start' | 'archive' | 'unarchive') {
  return useChange({
    change: (api) => api.POST(`/mcp-servers/{id}/${action}`, { params: { path: { id } } }),
    outdates: ['/mcp-servers', '/tools'],
  });
}
