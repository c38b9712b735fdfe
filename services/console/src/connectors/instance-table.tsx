import { Anchor, Table, Text } from '@mantine/core';
import type { ConnectorInstance } from '@toolplane/api-client';
import { Link, useParams } from 'react-router';
import { ListTable } from '../parts/list-table.tsx';
import { Time } from '../parts/time.tsx';
import { InstanceState } from './instance-state.tsx';

export function InstanceTable({ instances }: { instances: ConnectorInstance[] }) {
  const { workspaceId } = useParams();
  return (
    <ListTable label="Instances" minWidth={640} columns={['Name', 'Connector', 'State', 'For', 'Changed']}>
      {instances.map((instance) => (
        <Table.Tr key={instance.id}>
          <Table.Th scope="row">
            <Anchor component={Link} to={`/${workspaceId}/instances/${instance.id}`} fw={600}>
              {instance.instance_name}
            </Anchor>
            <Text size="sm" c="dimmed" lineClamp={1}>
              {instance.description}
            </Text>
          </Table.Th>
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
    </ListTable>
  );
}
