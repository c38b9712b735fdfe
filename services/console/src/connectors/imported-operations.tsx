import { Alert, Stack, Table, Text } from '@mantine/core';
import type { OpenApiImport } from '@toolplane/api-client';
import { DiagnosticList } from '../documents/diagnostic-list.tsx';
import { ListTable } from '../parts/list-table.tsx';

/** The result of an import: what is in the descriptor below, and what was skipped, with the reason. */
export function ImportedOperations({ imported: { imported, skipped, diagnostics } }: { imported: OpenApiImport }) {
  return (
    <Stack gap="xs">
      <Alert color="blue" role="status">
        {imported} {imported === 1 ? 'operation was' : 'operations were'} imported, {skipped.length} skipped. Nothing is
        registered yet: review the descriptor, remove what your agents do not need, then register it.
      </Alert>
      {skipped.length === 0 ? undefined : (
        <ListTable label="Skipped operations" minWidth={480} columns={['Skipped', 'Reason']}>
          {skipped.map(({ operation, reason }) => (
            <Table.Tr key={operation}>
              <Table.Th scope="row">{operation}</Table.Th>
              <Table.Td>{reason}</Table.Td>
            </Table.Tr>
          ))}
        </ListTable>
      )}
      {diagnostics.length === 0 ? undefined : <Text size="sm">About the OpenAPI document:</Text>}
      <DiagnosticList diagnostics={diagnostics} />
    </Stack>
  );
}
