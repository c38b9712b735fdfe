import { Alert, Stack, Table, Text } from '@mantine/core';
import { DiagnosticList } from '../documents/diagnostic-list.tsx';
import type { Imported } from './import-open-api.tsx';

/** What became of an OpenAPI document: what is in the descriptor below, and what is not, and why. */
export function ImportedOperations({ imported: { imported, skipped, diagnostics } }: { imported: Imported }) {
  return (
    <Stack gap="xs">
      <Alert color="blue" role="status">
        {imported} {imported === 1 ? 'operation was' : 'operations were'} imported, {skipped.length} skipped. Nothing is
        registered yet: look at the descriptor, drop what your agents do not need, then register it.
      </Alert>
      {skipped.length === 0 ? undefined : (
        <Table.ScrollContainer minWidth={480} mah={280}>
          <Table aria-label="Skipped operations">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Skipped</Table.Th>
                <Table.Th>Why</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {skipped.map(({ operation, reason }) => (
                <Table.Tr key={operation}>
                  <Table.Td>{operation}</Table.Td>
                  <Table.Td>{reason}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {diagnostics.length === 0 ? undefined : <Text size="sm">About the OpenAPI document:</Text>}
      <DiagnosticList diagnostics={diagnostics} />
    </Stack>
  );
}
