import { Anchor, Table, Text } from '@mantine/core';
import { Link, useParams } from 'react-router';
import { Time } from '../parts/time.tsx';
import type { ConnectorInstance } from './instance.ts';
import { InstanceState } from './instance-state.tsx';

export function InstanceTable({ instances }: { instances: ConnectorInstance[] }) {
  const { workspaceId } = useParams();
  return (
    <Table.ScrollContainer minWidth={640}>
      <Table highlightOnHover verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>Connector</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>For</Table.Th>
            <Table.Th>Changed</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {instances.map((instance) => (
            <Table.Tr key={instance.id}>
              <Table.Td>
                <Anchor component={Link} to={`/${workspaceId}/instances/${instance.id}`} fw={600}>
                  {instance.instance_name}
                </Anchor>
                <Text size="sm" c="dimmed" lineClamp={1}>
                  {instance.description}
                </Text>
              </Table.Td>
              <Table.Td>
                {instance.connector} {instance.version}
              </Table.Td>
              <Table.Td>
                <InstanceState instance={instance} />
              </Table.Td>
              <Table.Td>{instance.workspace === null ? 'all workspaces' : 'this workspace'}</Table.Td>
              <Table.Td>
                <Time at={instance.updated_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
