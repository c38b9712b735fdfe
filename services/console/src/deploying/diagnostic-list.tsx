import { Anchor, Badge, Code, Group, List, Stack, Text } from '@mantine/core';
import type { Diagnostic } from '@toolplane/contracts';
import type { Place } from './places.ts';

type Parts = { diagnostics: readonly Diagnostic[]; onGoTo: (place: Place) => void };

export function DiagnosticList({ diagnostics, onGoTo }: Parts) {
  if (diagnostics.length === 0) return undefined;
  return (
    <List listStyleType="none" spacing="sm" aria-label="Problems">
      {diagnostics.map((diagnostic) => (
        <List.Item key={toKey(diagnostic)}>
          <One diagnostic={diagnostic} onGoTo={onGoTo} />
        </List.Item>
      ))}
    </List>
  );
}

function One({ diagnostic, onGoTo }: { diagnostic: Diagnostic; onGoTo: (place: Place) => void }) {
  const { severity, code, message, hint } = diagnostic;
  return (
    <Stack gap={2}>
      <Group gap="xs">
        <Badge color={severity === 'error' ? 'red' : 'yellow'} variant="light" autoContrast={false}>
          {severity}
        </Badge>
        <Where diagnostic={diagnostic} onGoTo={onGoTo} />
        <Code>{code}</Code>
      </Group>
      <Text size="sm">{message}</Text>
      <Text size="sm" c="dimmed">
        {hint}
      </Text>
    </Stack>
  );
}

/** In the editor, or in a document that is not in it. */
function Where({ diagnostic, onGoTo }: { diagnostic: Diagnostic; onGoTo: (place: Place) => void }) {
  const { source, line, column } = diagnostic;
  if (source !== undefined) return <Text size="sm">{`${source}, ${line}:${column}`}</Text>;
  return (
    <Anchor
      {...{ component: 'button', type: 'button', size: 'sm' }}
      aria-label={`Go to line ${line}, column ${column}`}
      onClick={() => onGoTo({ line, column })}
    >
      {`${line}:${column}`}
    </Anchor>
  );
}

function toKey({ source, code, pointer, line, column, message }: Diagnostic): string {
  return [source, code, pointer, line, column, message].join(' ');
}
