import { Anchor, Code, Group, List, Stack, Text } from '@mantine/core';
import type { Diagnostic } from '@toolplane/contracts';
import { StateBadge } from '../parts/state-badge.tsx';
import type { TextPosition } from './places.ts';

const SEVERITIES = {
  error: { label: 'error', tone: 'bad' },
  warning: { label: 'warning', tone: 'warning' },
} as const;

type GoTo = ((place: TextPosition) => void) | undefined;

/**
 * The diagnostics of a text, errors first. Renders nothing if there are none. Without `onGoTo`, locations are not
 * links.
 */
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
        <StateBadge state={SEVERITIES[severity]} />
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

/** The location in the editor, or in a document that is not in it. */
function Where({ diagnostic, onGoTo }: { diagnostic: Diagnostic; onGoTo: GoTo }) {
  const { source, line, column } = diagnostic;
  const place = `Line ${line}, column ${column}`;
  if (source !== undefined) return <Text size="sm">{`${source}, line ${line}, column ${column}`}</Text>;
  if (onGoTo === undefined) return <Text size="sm">{place}</Text>;
  return (
    <Anchor component="button" type="button" size="sm" onClick={() => onGoTo({ line, column })}>
      {place}
    </Anchor>
  );
}

/** Diagnostics of the same severity remain in the order of the text. */
function errorsFirst(one: Diagnostic, other: Diagnostic): number {
  return Number(one.severity !== 'error') - Number(other.severity !== 'error');
}

function toKey({ source, code, pointer, line, column, message }: Diagnostic): string {
  return [source, code, pointer, line, column, message].join(' ');
}
