import { Stack, Table, Text } from '@mantine/core';
import type { ConnectorVersion } from '@toolplane/api-client';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { toActivity } from '../parts/state.ts';
import { StateBadge } from '../parts/state-badge.tsx';
import { Time } from '../parts/time.tsx';
import { DEPRECATED } from './connector.ts';
import { DeprecateVersion } from './deprecate-version.tsx';
import { VersionDifference } from './version-difference.tsx';

/** Shows the newest hundred. The API has all of them. */
const LIMIT = 100;

export function ConnectorVersions({ slug }: { slug: string }) {
  const versions = useAnswer('/connectors/{slug}/versions', { path: { slug }, query: { limit: LIMIT } });
  return (
    <WhenAnswered answer={versions}>
      {({ data, total = 0 }) => (
        <Stack gap="xl">
          <VersionTable slug={slug} versions={data} />
          {total > LIMIT ? (
            <Text c="dimmed">
              The newest {LIMIT} of {total} are shown.
            </Text>
          ) : undefined}
          {data.length > 1 ? (
            <VersionDifference slug={slug} versions={data.map(({ version }) => version)} />
          ) : undefined}
        </Stack>
      )}
    </WhenAnswered>
  );
}

function VersionTable({ slug, versions }: { slug: string; versions: ConnectorVersion[] }) {
  const mayWrite = useMay('connectors:write');
  return (
    <ListTable
      label="Versions"
      minWidth={560}
      columns={['Version', 'State', 'Tools', 'Registered', mayWrite ? 'Actions' : undefined]}
    >
      {versions.map((version) => (
        <Table.Tr key={version.version}>
          <Table.Th scope="row">{version.version}</Table.Th>
          <Table.Td>
            <VersionState version={version} />
          </Table.Td>
          <Table.Td>{version.tools_count}</Table.Td>
          <Table.Td>
            <Time at={version.created_at} />
          </Table.Td>
          {mayWrite ? (
            <Table.Td>
              {version.deprecated_at === null ? <DeprecateVersion slug={slug} version={version.version} /> : undefined}
            </Table.Td>
          ) : undefined}
        </Table.Tr>
      ))}
    </ListTable>
  );
}

function VersionState({ version: { is_active, deprecated_at, deprecation_message } }: { version: ConnectorVersion }) {
  if (is_active) return <StateBadge state={toActivity(true)} />;
  if (deprecated_at === null) return undefined;
  return (
    <>
      <StateBadge state={DEPRECATED} />
      <Text size="sm" c="dimmed">
        {deprecation_message}
      </Text>
    </>
  );
}
