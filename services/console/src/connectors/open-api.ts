import type { UseQueryResult } from '@tanstack/react-query';
import { useAnswer } from '../api/use-api.ts';

/**
 * The part of `GET /connectors/{slug}/openapi` that is used: all operations of a connector, including those that are
 * not tools.
 */
export type ConnectorOpenApi = {
  paths: Record<string, Record<string, Operation>>;
};

type Schema = { type?: string | string[]; description?: string; const?: unknown; properties?: Record<string, Schema> };
type Operation = {
  operationId: string;
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema & { required?: string[] } }> };
};

export type ShownParameter = {
  name: string;
  place: string;
  type: string;
  isRequired: boolean;
  description: string | undefined;
};
export type ConnectorOperation = { method: string; path: string; parameters: ShownParameter[] };

/** The answer is the document itself, without a `data` wrapper. */
export function useOpenApi(slug: string, version: string | null): UseQueryResult<ConnectorOpenApi> {
  return useAnswer('/connectors/{slug}/openapi', {
    path: { slug },
    query: { version: version ?? undefined },
  }) as UseQueryResult<unknown> as UseQueryResult<ConnectorOpenApi>;
}

export function operationsOf({ paths }: ConnectorOpenApi): Map<string, ConnectorOperation> {
  const entries = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, ConnectorOperation] => [
      operation.operationId,
      // Operations of one path are distinguished by an empty query.
      { method: method.toUpperCase(), path: path.replace(/\?&*$/, ''), parameters: parametersOf(operation) },
    ]),
  );
  return new Map(entries);
}

/** Leaves out parameters with a single possible value, because nobody chooses it. */
function parametersOf({ parameters = [], requestBody }: Operation): ShownParameter[] {
  const given = parameters
    .filter(({ schema }) => schema.const === undefined)
    .map(({ name, in: place, required = false, description, schema }) => {
      return { name, place, isRequired: required, description, type: typeOf(schema) };
    });
  const [body] = Object.values(requestBody?.content ?? {});
  return body === undefined ? given : [...given, ...membersOf(body.schema)];
}

function membersOf(schema: Schema & { required?: string[] }): ShownParameter[] {
  const { properties, required = [], description } = schema;
  if (properties === undefined) {
    return [{ name: 'body', place: 'body', isRequired: true, description, type: typeOf(schema) }];
  }
  return Object.entries(properties)
    .filter(([, member]) => member.const === undefined)
    .map(([name, member]) => {
      const isRequired = required.includes(name);
      return { name, place: 'body', isRequired, description: member.description, type: typeOf(member) };
    });
}

function typeOf({ type }: Schema): string {
  return type === undefined ? 'any' : [type].flat().join(' or ');
}
