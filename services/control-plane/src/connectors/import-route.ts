import type { ImportOptions } from '@toolplane/compiler';
import { type Api, addRoute, type LargeBodies, succeed } from '@toolplane/service-kit/http';
import { z } from 'zod';
import type { Principal } from '../platform/principals/principal.ts';
import { textOf } from '../platform/request-schemas.ts';
import { connectorAnswers, slugSchema } from './connector-schemas.ts';
import type { Connectors } from './connectors.ts';
import { rejectionSchema, toRejection } from './rejection.ts';

const MIB = 1024 * 1024;
const DOCUMENT_BYTES_MAX = 32 * MIB;
/** The document is a JSON text inside a JSON text, so its quotes and line breaks are escaped. */
export const IMPORT_BODY_BYTES_MAX = 2 * DOCUMENT_BYTES_MAX;

const optionsSchema = z.strictObject({
  slug: slugSchema.optional(),
  name: textOf(200).min(3).optional(),
  publisher: textOf(200).min(2).optional(),
  server_url: textOf(2000).meta({ description: 'Replaces the servers that the document declares' }).optional(),
  location: textOf(2000).meta({ description: 'URL of the document, to resolve relative server URLs' }).optional(),
  operations: z
    .array(textOf(300))
    .max(5000)
    .meta({ description: 'Only the operations with these operationIds' })
    .optional(),
  tags: z.array(textOf(300)).max(1000).meta({ description: 'Only operations that have one of these tags' }).optional(),
  read_only: z.boolean().meta({ description: 'Only read-only operations' }).optional(),
  with_deprecated: z.boolean().optional(),
  authentication: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.enum(['bearer', 'basic']) }),
      z.strictObject({ type: z.literal('api_key'), header: textOf(128).min(1) }),
    ])
    .meta({ description: 'For operations whose document says nothing about security' })
    .optional(),
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
    summary: 'Create a descriptor from an OpenAPI document',
    description: 'Nothing is saved: review the descriptor, remove what you do not need, and register it.',
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

function toImportOptions(options: z.infer<typeof optionsSchema>): ImportOptions {
  const { server_url: serverUrl, read_only: readOnly, with_deprecated: withDeprecated, ...rest } = options;
  const entries = Object.entries({ ...rest, serverUrl, readOnly, withDeprecated });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
