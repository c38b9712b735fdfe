import { authenticationTypes, fieldTypes } from '@toolplane/compiler/connector-vocabulary';
import { rateLimitScopes } from '@toolplane/contracts';
import { listOf, successOf } from '@toolplane/service-kit/http';
import { z } from 'zod';
import { categorySchema, timestampSchema } from '../platform/request-schemas.ts';
import { diagnosticSchema } from '../servers/documents/document-schemas.ts';

/** The schemas of connectors in the REST API. Fields from a descriptor keep their names. */

const SEMVER = /^\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[0-9A-Za-z.-]{1,64})?(?:\+[0-9A-Za-z.-]{1,64})?$/;

export const slugSchema = z.string().regex(/^[a-z0-9-]{3,100}$/, 'must be the slug of a connector');
export const versionSchema = z.string().regex(SEMVER, 'must be a semantic version');

const versionFields = {
  version: z.string(),
  sha256: z.string().meta({ description: 'SHA-256 of the descriptor in UTF-8, in hex' }),
  tools_count: z.int(),
  is_active: z.boolean().meta({ description: 'Instances follow this version' }),
  created_at: timestampSchema,
  deprecated_at: timestampSchema.nullable(),
  deprecation_message: z.string().nullable(),
};

const connectorVersionSchema = z.object(versionFields).meta({ id: 'ConnectorVersion' });

const connectorFields = {
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  publisher: z.string().nullable(),
  categories: z.array(categorySchema),
  tags: z.array(z.string()),
  tools_count: z.int(),
  version: z.string().meta({ description: 'The active version, or the highest when all are deprecated' }),
  active_version: z.string().nullable().meta({ description: 'Null: no new instances can be created' }),
  created_at: timestampSchema,
};

const connectorSchema = z.object(connectorFields).meta({ id: 'Connector' });

const fieldSchema = z
  .object({
    key: z.string(),
    label: z.string().optional(),
    field_type: z.enum(fieldTypes),
    required: z.boolean(),
    secret: z.boolean().optional(),
    default_value: z.union([z.string(), z.number(), z.boolean()]).optional(),
    description: z.string().optional(),
    options: z.array(z.string()).optional(),
  })
  .meta({ id: 'ConnectorField', description: 'What a form asks for' });

const summaryFields = {
  summary: z.string().optional(),
  documentation_url: z.string().optional(),
  configuration: z.array(fieldSchema).meta({ description: 'What an instance configures' }),
  authentication: z
    .array(
      z.object({
        id: z.string().meta({ description: '`auth_type` of instances and credentials' }),
        type: z.enum(authenticationTypes),
        fields: z.array(fieldSchema).meta({ description: 'Including the fields that the type implies' }),
        scopes: z.array(z.string()).optional(),
        has_test: z.boolean(),
      }),
    )
    .meta({ description: 'The ways to sign in' }),
  operations_count: z.int(),
  tools: z.array(
    z.object({ name: z.string(), description: z.string(), operation_id: z.string(), is_read_only: z.boolean() }),
  ),
  rate_limits: z.array(z.object({ scope: z.enum(rateLimitScopes), limit: z.int(), interval_seconds: z.int() })),
  sla: z
    .object({ availability_percentage: z.number().optional(), latency_ms_p95: z.number().optional() })
    .optional()
    .meta({ description: 'What the API declares' }),
  capabilities: z.record(z.string(), z.unknown()).optional(),
  database_config: z.record(z.string(), z.unknown()).optional(),
  mcp_config: z.object({
    enabled: z.boolean(),
    server_name: z.string().optional(),
    server_description: z.string().optional(),
  }),
};

const detailSchema = z.object({ ...connectorFields, ...summaryFields }).meta({ id: 'ConnectorDetail' });

const versionDetailSchema = z
  .object({
    ...versionFields,
    ...summaryFields,
    descriptor: z.string().meta({ description: 'Exactly as registered' }),
  })
  .meta({ id: 'ConnectorVersionDetail' });

export const connectorAnswers = {
  list: listOf(connectorSchema),
  detail: successOf(detailSchema),
  versions: listOf(connectorVersionSchema),
  version: successOf(versionDetailSchema),
  deprecated: successOf(connectorVersionSchema),
  registered: successOf(connectorVersionSchema.extend({ slug: z.string() })).extend({
    diagnostics: z.array(diagnosticSchema).meta({ description: 'Advice' }),
  }),
  imported: successOf(
    z.object({
      descriptor: z.string().meta({ description: 'JSON' }),
      imported: z.int().meta({ description: 'Number of operations' }),
      skipped: z.array(z.object({ operation: z.string(), reason: z.string() })),
      diagnostics: z.array(diagnosticSchema).meta({ description: 'About the OpenAPI document' }),
    }),
  ),
  diff: successOf(
    z.object({
      is_breaking: z.boolean(),
      changes_count: z.int().meta({ description: 'Number of all changes; the first thousand are shown' }),
      changes: z.array(
        z.object({
          kind: z.enum(['added', 'removed', 'changed']),
          path: z.string().meta({ description: 'By ids: `/operations/get_ticket/parameters/limit`' }),
          is_breaking: z.boolean(),
          message: z.string(),
        }),
      ),
    }),
  ),
};
