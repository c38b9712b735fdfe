import { Anchor, Group, Stack, Table } from '@mantine/core';
import type { ApiKey } from '@toolplane/api-client';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { useAnswer, useChange } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ConfirmButton } from '../parts/confirm-button.tsx';
import { Page } from '../parts/page.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Time } from '../parts/time.tsx';
import { stateOf } from './api-key.ts';
import { EditKey } from './edit-key.tsx';
import { NamedAgent } from './named-agent.tsx';
import { NamedServer } from './named-server.tsx';
import { RotateKey } from './rotate-key.tsx';

export function ShownKey({ id }: { id: string }) {
  const key = useAnswer('/api-keys/{id}', { path: { id } });
  return (
    <Stack>
      <Anchor component={Link} to="?" size="sm">
        All keys
      </Anchor>
      <WhenAnswered answer={key}>{({ data }) => <Details of={data} />}</WhenAnswered>
    </Stack>
  );
}

function Details({ of }: { of: ApiKey }) {
  const isRevoked = of.revokedAt !== null;
  const mayBeRotated = !isRevoked && stateOf(of).label !== 'expired' && of.rotatedTo === null;
  return (
    <Page
      title={of.name}
      about={of.description ?? undefined}
      actions={
        <Group>
          {isRevoked ? undefined : <EditKey of={of} />}
          <RotateKey of={of} isOffered={mayBeRotated} />
          {isRevoked ? undefined : <RevokeKey of={of} />}
        </Group>
      }
    >
      <Group>
        <StateBadge state={stateOf(of)} />
      </Group>
      <Table variant="vertical" layout="fixed" maw={760}>
        <Table.Tbody>
          <Row name="Begins with">
            <code>{of.prefix}</code>
          </Row>
          <Row name="Permissions">{of.permissions.join(', ') || 'none'}</Row>
          <Row name="Servers">
            {of.allowedServers === null
              ? 'all servers of the workspace'
              : of.allowedServers.map((server) => <NamedServer key={server} id={server} />)}
          </Row>
          <Row name="Tools">{of.allowedTools?.join(', ') ?? 'all'}</Row>
          <Row name="Addresses">{of.allowedAddresses?.join(', ') ?? 'any'}</Row>
          <Row name="Names users">{of.mayAssertUser ? 'yes, in x-username' : 'no'}</Row>
          {of.agentId === null ? undefined : (
            <Row name="Agent">
              <NamedAgent id={of.agentId} />
            </Row>
          )}
          <OtherKey name="Replaces" id={of.rotatedFrom} />
          <OtherKey name="Replaced by" id={of.rotatedTo} />
          <Row name="Created">
            <Time at={of.createdAt} />
          </Row>
          <Row name="Last used">
            <Time at={of.lastUsedAt} never="never" />
          </Row>
          <Row name="Expires">
            <Time at={of.expiresAt} never="never" />
          </Row>
          {isRevoked ? (
            <Row name="Revoked">
              <Time at={of.revokedAt} />
            </Row>
          ) : undefined}
        </Table.Tbody>
      </Table>
    </Page>
  );
}

function OtherKey({ name, id }: { name: string; id: string | null }) {
  if (id === null) return undefined;
  return (
    <Row name={name}>
      <Anchor component={Link} to={`?key=${id}`}>
        {id}
      </Anchor>
    </Row>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" w={140}>
        {name}
      </Table.Th>
      <Table.Td>{children}</Table.Td>
    </Table.Tr>
  );
}

function RevokeKey({ of }: { of: ApiKey }) {
  const revoke = useChange({
    change: (api) => api.DELETE('/api-keys/{id}', { params: { path: { id: of.id } } }),
    outdates: ['/api-keys'],
  });
  return (
    <ConfirmButton isFinal label="Revoke" change={revoke} color="red" variant="outline">
      Requests with {of.name} are refused from now on. This cannot be undone.
    </ConfirmButton>
  );
}
