import type { Diagnostic } from '@toolplane/contracts';
import { violationsOf } from '../api/api-error.ts';
import { diagnosticsOf } from '../documents/diagnostics-of.ts';
import type { DeclaredField } from './connector.ts';

const CONFIGURATION = 'configuration.';
const OF_FIELD = /^\/metadata\/configuration\/(\d+)/;

export type InstanceProblems = {
  /** By the name that a field has in the form. */
  atFields: Readonly<Record<string, string>>;
  /** What no field is there for. */
  others: Diagnostic[];
  /** Keys that the URLs of the connector need and that it does not declare. */
  missingKeys: string[];
};

/** What was said of the settings of an instance, each at the field that it is about. */
export function toInstanceProblems(error: unknown, fields: readonly DeclaredField[]): InstanceProblems {
  const atFields: Record<string, string> = {};
  for (const { path, message } of violationsOf(error)) atFields[path.replace(/^body\./, '')] = message;
  const placed = diagnosticsOf(error).map((diagnostic) => ({ diagnostic, key: keyOf(diagnostic, fields) }));
  for (const { diagnostic, key } of placed) if (key !== undefined) atFields[CONFIGURATION + key] = diagnostic.message;
  const isUndeclared = (key: string) => !fields.some((field) => field.key === key);
  return {
    atFields,
    others: placed.flatMap(({ diagnostic, key }) => (key === undefined ? diagnostic : [])),
    missingKeys: placed.flatMap(({ diagnostic: { code }, key }) =>
      key !== undefined && code === 'missing_configuration' && isUndeclared(key) ? key : [],
    ),
  };
}

/** A declared field is at its place in the descriptor; any other key is known by its name in the message. */
function keyOf({ code, pointer, message }: Diagnostic, fields: readonly DeclaredField[]): string | undefined {
  if (!code.endsWith('_configuration')) return undefined;
  const [, index] = OF_FIELD.exec(pointer) ?? [];
  return fields[Number(index)]?.key ?? /configuration(?: has no)? "([a-z][a-z0-9_]*)"/.exec(message)?.[1];
}
