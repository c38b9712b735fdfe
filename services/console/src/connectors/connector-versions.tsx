import { Badge, Stack, Table, Text } from '@mantine/core';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { Time } from '../parts/time.tsx';
import type { ConnectorVersion } from './connector.ts';
import { DeprecateVersion } from './deprecate-version.tsx';
import { VersionDifference } from './version-difference.tsx';

/** The newest hundred; the API has them all. */
const LIMIT = 100;

export function ConnectorVersions({ slug }: { slug: string }) {
  const versions = useAnswer<ConnectorVersion[]>(`/connectors/${slug}/versions`, { limit: LIMIT });
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
    <Table.ScrollContainer minWidth={560}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Version</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Tools</Table.Th>
            <Table.Th>Registered</Table.Th>
            {mayWrite ? <Table.Th aria-label="Change" /> : undefined}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {versions.map((version) => (
            <Table.Tr key={version.version}>
              <Table.Td>{version.version}</Table.Td>
              <Table.Td>
                <VersionState version={version} />
              </Table.Td>
              <Table.Td>{version.tools_count}</Table.Td>
              <Table.Td>
                <Time at={version.created_at} />
              </Table.Td>
              {mayWrite ? (
                <Table.Td ta="right">
                  {version.deprecated_at === null ? (
                    <DeprecateVersion slug={slug} version={version.version} />
                  ) : undefined}
                </Table.Td>
              ) : undefined}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function VersionState({ version: { is_active, deprecated_at, deprecation_message } }: { version: ConnectorVersion }) {
  if (is_active) {
    return (
      <Badge color="green" variant="light">
        active
      </Badge>
    );
  }
  if (deprecated_at === null) return undefined;
  return (
    <>
      <Badge color="gray" variant="light">
        deprecated
      </Badge>
      <Text size="sm" c="dimmed">
        {deprecation_message}
      </Text>
    </>
  );
}
