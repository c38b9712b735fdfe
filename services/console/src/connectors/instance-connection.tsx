import { Alert, Anchor, Stack } from '@mantine/core';
import type { Authentication, ConnectorInstance } from '@toolplane/api-client';
import { Link, useParams } from 'react-router';
import { Loading, Problem } from '../parts/answers.tsx';
import { Facts } from '../parts/facts.tsx';
import { Time } from '../parts/time.tsx';
import { wordsOf } from './connector.ts';
import { CredentialSection } from './credential-section.tsx';
import { useRunningConnector } from './running-connector.ts';
import { ServiceLevelSection } from './service-level.tsx';

const TESTS = { success: 'works', failed: 'does not work', pending: 'not tested since the last change' };

/** The connection of an instance: its server and its credentials. */
export function InstanceConnection({ instance }: { instance: ConnectorInstance }) {
  const { workspaceId } = useParams();
  const { connector, version, server, auth_type, test_status, test_message, deploy_message } = instance;
  const running = useRunningConnector(instance);
  const authentication = running.data?.data.authentication.find(({ id }) => id === auth_type);
  const sla = running.data?.data.sla;
  return (
    <Stack gap="xl">
      {deploy_message === null ? undefined : (
        <Alert color="red" title="It does not run the active version of its connector">
          {deploy_message}
        </Alert>
      )}
      <Facts
        facts={{
          Connector: (
            <Anchor component={Link} to={`/${workspaceId}/connectors/${connector}`} inherit>
              {connector}
            </Anchor>
          ),
          'Running version': version,
          'MCP server':
            server === null ? (
              'none: the connector offers no tools'
            ) : instance.home_workspace !== workspaceId ? (
              `${server.slug}, in another workspace`
            ) : (
              <Anchor component={Link} to={`/${workspaceId}/servers/${server.id}/tools`} inherit>
                {server.slug}
              </Anchor>
            ),
          'Signs in with': authentication === undefined ? auth_type : wordsOf(authentication),
          'Last test': `${TESTS[test_status]}${test_message === null ? '' : `: ${test_message}`}`,
          'Tested at': <Time at={instance.last_tested_at} never="never" />,
          For: instance.workspace === null ? 'all workspaces of the organization' : 'this workspace',
        }}
      />
      {server === null || sla === undefined ? undefined : <ServiceLevelSection sla={sla} serverId={server.id} />}
      {running.isError ? <Problem error={running.error} title="This cannot be shown" /> : undefined}
      {running.data === undefined ? (
        <Loading />
      ) : isSignedIn(authentication) ? (
        <CredentialSection instance={instance} authentication={authentication} />
      ) : undefined}
    </Stack>
  );
}

function isSignedIn(authentication: Authentication | undefined): authentication is Authentication {
  return authentication !== undefined && authentication.type !== 'none';
}
