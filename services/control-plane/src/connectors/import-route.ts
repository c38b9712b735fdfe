import { type Api, addRoute, type LargeBodies, succeed } from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../access/principal.ts';
import { textOf } from '../request-schemas.ts';
import { connectorAnswers, slugSchema } from './connector-schemas.ts';
import type { Connectors } from './connectors.ts';
import { rejectionSchema, toRejection } from './rejection.ts';

const MIB = 1024 * 1024;
const DOCUMENT_BYTES_MAX = 32 * MIB;
/** The document is a JSON text in a JSON text: its quotes and line breaks are escaped. */
export const IMPORT_BODY_BYTES_MAX = 2 * DOCUMENT_BYTES_MAX;

const optionsSchema = z.strictObject({
  slug: slugSchema.exactOptional(),
  name: textOf(200).min(3).exactOptional(),
  publisher: textOf(200).min(2).exactOptional(),
  server_url: textOf(2000).meta({ description: 'In place of the servers that the document declares' }).exactOptional(),
  location: textOf(2000).meta({ description: 'URL of the document, for servers that are relative' }).exactOptional(),
  operations: z.array(textOf(300)).max(5000).meta({ description: 'Only these, by their operationId' }).exactOptional(),
  tags: z.array(textOf(300)).max(1000).meta({ description: 'Only operations that have one of these' }).exactOptional(),
  read_only: z.boolean().meta({ description: 'Only operations that change nothing' }).exactOptional(),
  with_deprecated: z.boolean().exactOptional(),
});

export function addConnectorImportRoute(
  api: Api<Principal>,
  { connectors, importBodies }: { connectors: Connectors; importBodies: LargeBodies<Principal> },
): void {
  addRoute(api, {
    method: 'post',
    path: '/api/v1/connectors/import-openapi',
    operationId: 'importConnectorFromOpenApi',
    isQuestion: true,
    tag: 'Connectors',
    summary: 'Make a descriptor from an OpenAPI document',
    description: 'Nothing is saved: look at it, drop what is not needed, register it.',
    access: 'servers:write',
    body: z.strictObject({
      document: textOf(DOCUMENT_BYTES_MAX).meta({ description: 'OpenAPI 3.0, 3.1 or 3.2, at most 32 MiB' }),
      options: optionsSchema.default({}),
    }),
    largeBodies: importBodies,
    responses: {
      200: { description: 'The descriptor', body: connectorAnswers.imported },
      422: { description: 'Nothing can be imported', body: rejectionSchema },
    },
    async handle({ principal, body: { document, options } }) {
      const task = { text: document, options: toImportOptions(options) };
      const { descriptor, ...answer } = await connectors.importOpenApi(principal, task);
      if (descriptor === undefined) return toRejection('Nothing can be imported', answer.diagnostics);
      return succeed(200, 'Descriptor made', { descriptor, ...answer });
    },
  });
}

function toImportOptions({ server_url, read_only, with_deprecated, ...rest }: z.infer<typeof optionsSchema>) {
  return {
    ...rest,
    ...(server_url !== undefined && { serverUrl: server_url }),
    ...(read_only !== undefined && { readOnly: read_only }),
    ...(with_deprecated !== undefined && { withDeprecated: with_deprecated }),
  };
}
