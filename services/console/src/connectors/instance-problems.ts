import type { ConnectorField } from '@toolplane/api-client';
import type { Diagnostic } from '@toolplane/contracts';
import { violationsOf } from '../api/api-error.ts';
import { diagnosticsOf } from '../documents/diagnostics-of.ts';

const CONFIGURATION = 'configuration.';
const OF_FIELD = /^\/metadata\/configuration\/(\d+)/;

export type InstanceProblems = {
  /** The problems of fields, by the name that a field has in the form. */
  atFields: Readonly<Record<string, string>>;
  /** Problems that belong to no field. */
  others: Diagnostic[];
  /** Keys that the URLs of the connector need but that it does not declare. */
  missingKeys: string[];
};

/** Assigns the problems with the settings of an instance to their fields. */
export function toInstanceProblems(error: unknown, fields: readonly ConnectorField[]): InstanceProblems {
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

/** A declared field is identified by its location in the descriptor, any other key by its name in the message. */
function keyOf({ code, pointer, message }: Diagnostic, fields: readonly ConnectorField[]): string | undefined {
  if (!code.endsWith('_configuration')) return undefined;
  const [, index] = OF_FIELD.exec(pointer) ?? [];
  return fields[Number(index)]?.key ?? /configuration(?: has no)? "([a-z][a-z0-9_]*)"/.exec(message)?.[1];
}
