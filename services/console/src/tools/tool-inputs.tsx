import { Code, Table, Text } from '@mantine/core';
import { ListTable } from '../parts/list-table.tsx';
import type { JsonSchema } from '../servers/server.ts';

/** The arguments of a tool, according to its schema. */
export function ToolInputs({ schema: { properties = {}, required = [] } }: { schema: JsonSchema }) {
  const inputs = Object.entries(properties);
  if (inputs.length === 0) return <Text size="sm">It takes no arguments.</Text>;
  return (
    <ListTable label="Arguments" minWidth={480} columns={['Argument', 'Type', 'Description']}>
      {inputs.map(([name, input]) => (
        <Table.Tr key={name}>
          <Table.Th scope="row">
            <Code>{name}</Code> {required.includes(name) ? 'required' : undefined}
          </Table.Th>
          <Table.Td>{toType(input)}</Table.Td>
          <Table.Td>
            {input.description}
            {input.enum === undefined ? undefined : (
              <Text size="sm">One of {input.enum.map((value) => JSON.stringify(value)).join(', ')}</Text>
            )}
            {input.default === undefined ? undefined : <Text size="sm">Default: {JSON.stringify(input.default)}</Text>}
          </Table.Td>
        </Table.Tr>
      ))}
    </ListTable>
  );
}

function toType({ type = 'any', items }: JsonSchema): string {
  if (type === 'array' && items !== undefined) return `list of ${toType(items)}`;
  return [type].flat().join(' or ');
}
