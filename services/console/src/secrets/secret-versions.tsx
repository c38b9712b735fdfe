import { Group, Table, Text, Title } from '@mantine/core';
import type { McpServer, SecretDetails, SecretVersion } from '@toolplane/api-client';
import { useChange } from '../api/use-api.ts';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { Time } from '../parts/time.tsx';
import { secretsOf } from './secret.ts';

type Parts = { server: McpServer; secret: SecretDetails; mayWrite: boolean };

/** All stored versions. One of them is in use; it can be pinned so that it remains in use when new ones are stored. */
export function SecretVersions({ server, secret, mayWrite }: Parts) {
  return (
    <section>
      <Title order={3} size="h4">
        Versions
      </Title>
      {secret.isPinned ? (
        <Group my="xs">
          <Text>Version {secret.version} is pinned: it stays in use when new ones are stored.</Text>
          {mayWrite ? <Unpin server={server} secret={secret} /> : undefined}
        </Group>
      ) : undefined}
      <ListTable
        label="Versions"
        minWidth={640}
        columns={['Version', 'State', 'Hosts', 'Stored', 'Last used', mayWrite ? 'Actions' : undefined]}
      >
        {secret.versions.map((version) => (
          <Table.Tr key={version.version}>
            <Table.Th scope="row">{version.version}</Table.Th>
            <Table.Td>
              <VersionState secret={secret} version={version} />
            </Table.Td>
            <Table.Td>{version.hosts.join(', ')}</Table.Td>
            <Table.Td>
              <Time at={version.createdAt} />
            </Table.Td>
            <Table.Td>
              <Time at={version.lastUsedAt} never="never" />
            </Table.Td>
            {mayWrite ? (
              <Table.Td>
                <Pin server={server} secret={secret} version={version.version} />
              </Table.Td>
            ) : undefined}
          </Table.Tr>
        ))}
      </ListTable>
    </section>
  );
}

function VersionState({ secret, version }: { secret: SecretDetails; version: SecretVersion }) {
  if (version.version === secret.version) return <>{secret.isPinned ? 'in use, pinned' : 'in use'}</>;
  if (version.retiresAt === null) return <>newest, not in use</>;
  return (
    <Group gap={4}>
      kept until <Time at={version.retiresAt} />
    </Group>
  );
}

function Pin({ server, secret, version }: { server: McpServer; secret: SecretDetails; version: number }) {
  const pin = useChange({
    change: (api) =>
      api.PUT('/mcp-servers/{id}/secrets/{name}/pin', {
        params: { path: { id: server.id, name: secret.name } },
        body: { version },
      }),
    outdates: [secretsOf(server)],
  });
  const isInUse = version === secret.version;
  if (isInUse && secret.isPinned) return undefined;
  return (
    <ConfirmButton label={`Pin version ${version}`} size="xs" change={pin}>
      {isInUse
        ? 'It stays in use when a new one is stored, until it is unpinned.'
        : `It replaces version ${secret.version} at once, until it is unpinned.`}
    </ConfirmButton>
  );
}

function Unpin({ server, secret }: { server: McpServer; secret: SecretDetails }) {
  const unpin = useChange({
    change: (api) =>
      api.DELETE('/mcp-servers/{id}/secrets/{name}/pin', { params: { path: { id: server.id, name: secret.name } } }),
    outdates: [secretsOf(server)],
  });
  return (
    <ConfirmButton label="Unpin" size="xs" change={unpin}>
      {secret.version === secret.newestVersion
        ? 'New versions are used as soon as they are stored.'
        : `Version ${secret.newestVersion}, the newest, is used at once.`}
    </ConfirmButton>
  );
}
