import { Badge, Group, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useMay } from '../api/session.ts';
import { useAnswer } from '../api/use-api.ts';
import { WhenAnswered } from '../parts/answers.tsx';
import { NothingYet } from '../parts/nothing-yet.tsx';
import { Pager } from '../parts/pager.tsx';
import { Time } from '../parts/time.tsx';
import type { McpServer } from '../servers/server.ts';
import { type Deployment, describeState } from './deployment.ts';
import { LookAtDeployment } from './look-at-deployment.tsx';
import { RunAgain } from './run-again.tsx';

/** All that was deployed to a server, newest first. */
export function DeploymentsTab({ server }: { server: McpServer }) {
  const [page, setPage] = useState(1);
  const path = `/mcp-servers/${server.id}/deployments`;
  const query = { page, limit: 20 };
  const deployments = useAnswer<Deployment[]>(path, query);
  // The same answer, asked for again until all of it is over.
  const isWanted = deployments.data?.data.some(({ state }) => state === 'deploying') ?? false;
  useAnswer<Deployment[]>(path, query, { every: 2000, isWanted });
  return (
    <WhenAnswered answer={deployments}>
      {({ data }) => (
        <Stack>
          {data.length === 0 ? (
            <NothingYet>Nothing is deployed yet. Write a document under Document.</NothingYet>
          ) : (
            <DeploymentTable server={server} deployments={data} />
          )}
          <Pager answer={deployments} page={page} onPage={setPage} />
        </Stack>
      )}
    </WhenAnswered>
  );
}

function DeploymentTable({ server, deployments }: { server: McpServer; deployments: Deployment[] }) {
  // What an instance of a connector runs is chosen there.
  const mayRun = useMay('servers:write') && server.connectorInstanceId === null;
  return (
    <Table.ScrollContainer minWidth={720}>
      <Table verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>State</Table.Th>
            <Table.Th>Deployed</Table.Th>
            <Table.Th>ID</Table.Th>
            <Table.Th>Actions</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {deployments.map((deployment) => (
            <Table.Tr key={deployment.id}>
              <Table.Td>
                <State deployment={deployment} />
              </Table.Td>
              <Table.Td>
                <Time at={deployment.createdAt} />
              </Table.Td>
              <Table.Td>
                <Text size="sm" ff="monospace">
                  {deployment.id}
                </Text>
              </Table.Td>
              <Table.Td>
                <Group gap="xs" wrap="nowrap">
                  <LookAtDeployment deployment={deployment} />
                  {mayRun && isOver(deployment) ? <RunAgain deployment={deployment} /> : undefined}
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function isOver({ state }: Deployment): boolean {
  return state === 'deployed' || state === 'errored';
}

function State({ deployment }: { deployment: Deployment }) {
  const { label, color, about } = describeState(deployment);
  return (
    <>
      <Badge color={color} variant="light">
        {label}
      </Badge>
      {about === undefined ? undefined : (
        <Text size="xs" c="dimmed" maw={220}>
          {about}
        </Text>
      )}
    </>
  );
}
