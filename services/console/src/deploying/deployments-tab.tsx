import { Group, Stack, Table, Text } from '@mantine/core';
import type { Deployment, McpServer } from '@toolplane/api-client';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Time } from '../parts/time.tsx';
import { useList } from '../parts/use-list.ts';
import { stateOf, toReasons } from './deployment.ts';
import { DeploymentDialog } from './deployment-dialog.tsx';
import { RunAgain } from './run-again.tsx';

/** All deployments to a server, newest first. */
export function DeploymentsTab({ server }: { server: McpServer }) {
  const list = useList();
  const params = { path: { id: server.id }, query: { page: list.page, limit: 20 } };
  const deployments = useAnswer('/mcp-servers/{id}/deployments', params);
  // The same answer, loaded again until every deployment has ended.
  const isWanted = deployments.data?.data.some(({ state }) => state === 'deploying') ?? false;
  useAnswer('/mcp-servers/{id}/deployments', params, { every: 2000, isWanted });
  return (
    <WhenAnswered answer={deployments}>
      {({ data }) => (
        <Stack>
          {data.length === 0 ? (
            <NothingYet>Nothing is deployed yet. Write a document under Document.</NothingYet>
          ) : (
            <DeploymentTable server={server} deployments={data} />
          )}
          <Pager answer={deployments} list={list} />
        </Stack>
      )}
    </WhenAnswered>
  );
}

function DeploymentTable({ server, deployments }: { server: McpServer; deployments: Deployment[] }) {
  // For the server of a connector instance, the instance decides what runs.
  const mayRun = useMay('servers:write') && server.connectorInstanceId === null;
  return (
    <ListTable label="Deployments" minWidth={720} columns={['State', 'Deployed', 'ID', 'Actions']}>
      {deployments.map((deployment) => (
        <Table.Tr key={deployment.id}>
          <Table.Td>
            <State deployment={deployment} />
          </Table.Td>
          <Table.Td>
            <Time at={deployment.createdAt} />
          </Table.Td>
          <Table.Th scope="row">
            <Text size="sm" ff="monospace">
              {deployment.id}
            </Text>
          </Table.Th>
          <Table.Td>
            <Group gap="xs" wrap="nowrap">
              <DeploymentDialog deployment={deployment} />
              {mayRun && isOver(deployment) ? <RunAgain deployment={deployment} /> : undefined}
            </Group>
          </Table.Td>
        </Table.Tr>
      ))}
    </ListTable>
  );
}

function isOver({ state }: Deployment): boolean {
  return state === 'deployed' || state === 'errored';
}

function State({ deployment }: { deployment: Deployment }) {
  const reasons = toReasons(deployment);
  return (
    <>
      <StateBadge state={stateOf(deployment)} />
      {reasons.length === 0 ? undefined : (
        <Text size="xs" c="dimmed" maw={320}>
          {reasons.join(' ')}
        </Text>
      )}
    </>
  );
}
