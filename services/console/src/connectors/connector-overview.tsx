import { Anchor, Code, Stack, Table, Text, Title } from '@mantine/core';
import type { Authentication, ConnectorDetail, ConnectorField } from '@toolplane/api-client';
import { Facts } from '../parts/facts.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { wordsOf } from './connector.ts';

const SCOPES: Readonly<Record<string, string>> = {
  per_account: 'for each account',
  per_instance: 'for each instance',
  per_user: 'for each user',
  per_token: 'for each token',
};

/** What a connector is, without its tools. */
export function ConnectorOverview({ connector }: { connector: ConnectorDetail }) {
  const { documentation_url: docs, sla, rate_limits: limits, configuration, authentication } = connector;
  const { capabilities, database_config: databaseConfig } = connector;
  return (
    <Stack gap="xl">
      <Facts
        facts={{
          Slug: <Code>{connector.slug}</Code>,
          'Active version': connector.active_version ?? 'none',
          Publisher: connector.publisher,
          Categories: connector.categories.join(', '),
          Tags: connector.tags.join(', '),
          Operations: `${connector.operations_count}, of which ${connector.tools.length} are tools`,
          Documentation:
            docs === undefined ? undefined : (
              <Anchor href={docs} inherit>
                {docs}
              </Anchor>
            ),
          'Service level of the API': toPromise(sla),
          'Rate limits':
            limits.length === 0
              ? 'none'
              : limits.map(({ scope, limit, interval_seconds }) => (
                  <Text key={`${scope} ${interval_seconds}`}>
                    {limit} calls in {interval_seconds} s {SCOPES[scope] ?? scope}
                  </Text>
                )),
        }}
      />
      <section>
        <Title order={2} size="h4" mb="xs">
          Authentication
        </Title>
        {authentication.length === 0 ? <Text>Without credentials.</Text> : <SignIns authentication={authentication} />}
      </section>
      {configuration.length === 0 ? undefined : (
        <section>
          <Title order={2} size="h4" mb="xs">
            Configuration of an instance
          </Title>
          <FieldList fields={configuration} />
        </section>
      )}
      <OpenObject title="Capabilities" value={capabilities} />
      <OpenObject title="Database configuration" value={databaseConfig} />
    </Stack>
  );
}

/** A part of the descriptor for people and other programs. Nothing here uses it. */
function OpenObject({ title, value }: { title: string; value: Record<string, unknown> | undefined }) {
  if (value === undefined) return undefined;
  return (
    <section>
      <Title order={2} size="h4" mb="xs">
        {title}
      </Title>
      <Code block>{JSON.stringify(value, null, 2)}</Code>
    </section>
  );
}

function toPromise(sla: ConnectorDetail['sla']): string {
  const { availability_percentage: availability, latency_ms_p95: latency } = sla ?? {};
  return [
    ...(availability === undefined ? [] : [`${availability} % available`]),
    ...(latency === undefined ? [] : [`95 % of answers within ${latency} ms`]),
  ].join(', ');
}

function SignIns({ authentication }: { authentication: Authentication[] }) {
  return (
    <ListTable label="Ways to sign in" minWidth={560} columns={['Name', 'Kind', 'Needs', 'Scopes', 'Can be tested']}>
      {authentication.map(({ id, type, fields, scopes = [], has_test }) => (
        <Table.Tr key={id}>
          <Table.Th scope="row">{id}</Table.Th>
          <Table.Td>{wordsOf({ type })}</Table.Td>
          <Table.Td>{fields.length === 0 ? '–' : <FieldList fields={fields} />}</Table.Td>
          <Table.Td>{scopes.join(' ') || '–'}</Table.Td>
          <Table.Td>{has_test ? 'yes' : 'no'}</Table.Td>
        </Table.Tr>
      ))}
    </ListTable>
  );
}

function FieldList({ fields }: { fields: readonly ConnectorField[] }) {
  return fields.map(({ key, label, description, required, secret, field_type: type }) => (
    <div key={key}>
      <Text span size="sm">
        {label ?? key}
      </Text>{' '}
      <Text span size="sm" c="dimmed">
        {[
          ...(type === 'secret' ? [] : [type]),
          ...(required ? [] : ['optional']),
          ...(description === undefined ? [] : [description]),
        ].join(', ')}
      </Text>{' '}
      {secret === true ? <StateBadge state={{ label: 'secret', tone: 'idle' }} /> : undefined}
    </div>
  ));
}
