import { Badge, Table, Text } from '@mantine/core';
import type { Diagnostic } from './diagnostic.ts';

/** What the platform has to say of a text, with the places. Nothing for nothing. */
export function DiagnosticList({ diagnostics }: { diagnostics: readonly Diagnostic[] }) {
  if (diagnostics.length === 0) return undefined;
  return (
    <Table.ScrollContainer minWidth={480}>
      <Table aria-label="Problems">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Line:column</Table.Th>
            <Table.Th>Kind</Table.Th>
            <Table.Th>What is wrong</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {errorsFirst(diagnostics).map(({ severity, code, message, hint, pointer, line, column }) => (
            <Table.Tr key={`${line}:${column} ${code} ${pointer} ${message}`}>
              <Table.Td valign="top">
                {line}:{column}
              </Table.Td>
              <Table.Td valign="top">
                <Badge color={severity === 'error' ? 'red' : 'yellow'} variant="light">
                  {severity === 'error' ? 'error' : 'advice'}
                </Badge>
              </Table.Td>
              <Table.Td>
                <Text size="sm">{message}</Text>
                <Text size="sm" c="dimmed">
                  {hint}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** In the order of the text otherwise. */
function errorsFirst(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.toSorted((a, b) => Number(a.severity !== 'error') - Number(b.severity !== 'error'));
}
