import { Anchor, Badge, Code, Group, List, Stack, Text } from '@mantine/core';
import type { Diagnostic } from '@toolplane/contracts';
import type { Place } from './places.ts';

type GoTo = ((place: Place) => void) | undefined;

/** What the platform has to say of a text, errors first; nothing for nothing. Without `onGoTo` places lead nowhere. */
export function DiagnosticList({ diagnostics, onGoTo }: { diagnostics: readonly Diagnostic[]; onGoTo?: GoTo }) {
  if (diagnostics.length === 0) return undefined;
  return (
    <List listStyleType="none" spacing="sm" aria-label="Problems">
      {diagnostics.toSorted(errorsFirst).map((diagnostic) => (
        <List.Item key={toKey(diagnostic)}>
          <One diagnostic={diagnostic} onGoTo={onGoTo} />
        </List.Item>
      ))}
    </List>
  );
}

function One({ diagnostic, onGoTo }: { diagnostic: Diagnostic; onGoTo: GoTo }) {
  const { severity, code, message, hint } = diagnostic;
  return (
    <Stack gap={2}>
      <Group gap="xs">
        <Badge color={severity === 'error' ? 'red' : 'orange'} variant="light">
          {severity === 'error' ? 'error' : 'warning'}
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
function Where({ diagnostic, onGoTo }: { diagnostic: Diagnostic; onGoTo: GoTo }) {
  const { source, line, column } = diagnostic;
  if (source !== undefined) return <Text size="sm">{`${source}, ${line}:${column}`}</Text>;
  if (onGoTo === undefined) return <Text size="sm">{`${line}:${column}`}</Text>;
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

/** In the order of the text otherwise. */
function errorsFirst(one: Diagnostic, other: Diagnostic): number {
  return Number(one.severity !== 'error') - Number(other.severity !== 'error');
}

function toKey({ source, code, pointer, line, column, message }: Diagnostic): string {
  return [source, code, pointer, line, column, message].join(' ');
}
