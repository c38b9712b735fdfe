import { rateLimitScopes } from '@toolplane/contracts';
import { z } from 'zod';
import { authenticationSchema, credentialChainSchema } from './authentication-schema.ts';
import { configurationFieldSchema } from './field-schema.ts';
import { mcpConfigSchema } from './mcp-config-schema.ts';
import { operationSchema } from './operation-schema.ts';
import { openObjectSchema } from './values.ts';
import { connectorCategories } from './vocabulary.ts';

/** The shape of a descriptor. Rules that involve two of its locations are checked in `check/`. */

const SEMVER = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(-[0-9A-Za-z.-]{1,64})?(\+[0-9A-Za-z.-]{1,64})?$/;

const metadataSchema = z.strictObject({
  name: z.string().min(3).max(200).meta({ description: 'Display name.' }),
  slug: z
    .string()
    .min(3)
    .max(100)
    .regex(/^[a-z0-9-]*$/, 'A slug consists of lowercase letters, digits and "-"')
    .meta({ description: 'Unique in the organization: lowercase letters, digits and "-".' }),
  version: z
    .string()
    .regex(SEMVER, 'A version looks like 1.2.3 or 1.2.3-beta.1')
    .default('0.1.0')
    .meta({ description: 'Semantic version; a published one is never changed.' }),
  description: z.string().min(10).max(2000).meta({ description: 'What the connector is for.' }),
  summary: z.string().max(300).optional().meta({ description: 'The description in one sentence, for lists.' }),
  publisher: z.string().min(2).max(200).meta({ description: 'Who maintains the descriptor.' }),
  documentation_url: z
    .string()
    .max(2000)
    .regex(/^https?:\/\/[^\s]+$/i, 'A link must begin with https:// or http://')
    .optional()
    .meta({ description: 'Documentation of the API.' }),
  categories: z.array(z.enum(connectorCategories)).max(6).default([]).meta({ description: 'For search and filters.' }),
  tags: z.array(z.string().min(1).max(100)).max(100).default([]).meta({ description: 'For search.' }),
  configuration: z
    .array(configurationFieldSchema)
    .max(50)
    .default([])
    .meta({ description: 'What an instance configures; URLs use it as {config.<key>}.' }),
});

const rateLimitSchema = z
  .strictObject({
    scope: z.enum(rateLimitScopes).meta({ description: 'What is counted together; "account" means one credential.' }),
    limit: z.int().min(1).max(1_000_000).meta({ description: 'Requests in each interval.' }),
    interval_seconds: z.int().min(1).max(86_400).meta({ description: 'Length of the sliding window.' }),
  })
  .meta({ description: 'A sliding window; a call over it waits up to two seconds, then fails.' });

const slaSchema = z.strictObject({
  availability_percentage: z.number().min(0).max(100).optional().meta({ description: 'What the API promises.' }),
  latency_ms_p95: z.number().min(0).max(3_600_000).optional().meta({ description: 'What the API promises.' }),
});

export const connectorSchema = z
  .strictObject({
    $schema: z.string().max(2000).optional().meta({ description: 'Where an editor can find this schema.' }),
    metadata: metadataSchema.meta({ description: 'What the connector is, and who maintains it.' }),
    authentication: z
      .array(authenticationSchema)
      .max(50)
      .default([])
      .meta({ description: 'Ways to sign in; unique by id, or by type if there is no id.' }),
    operations: z.array(operationSchema).max(5000).default([]).meta({ description: 'The endpoints of the API.' }),
    credential_chains: z
      .array(credentialChainSchema)
      .max(20)
      .default([])
      .meta({ description: 'Sign-ins that take several requests.' }),
    capabilities: openObjectSchema.optional().meta({ description: 'Kept and shown, not executed.' }),
    database_config: openObjectSchema.optional().meta({ description: 'Kept and shown, not executed.' }),
    rate_limits: z.array(rateLimitSchema).max(20).default([]).meta({ description: 'Limits of the API.' }),
    sla: slaSchema.optional().meta({ description: 'Shown beside the measured figures.' }),
    mcp_config: mcpConfigSchema.optional().meta({ description: 'Which operations become tools.' }),
  })
  .meta({ title: 'Connector', description: 'Descriptor of a connector: an API, and the tools made from it.' });

/** A connector with the defaults filled in. */
export type Connector = z.output<typeof connectorSchema>;
/** A connector as it is written. */
export type ConnectorInput = z.input<typeof connectorSchema>;
