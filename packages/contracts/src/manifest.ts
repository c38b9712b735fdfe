import { z } from 'zod';
import { jsonObjectSchema } from './json.ts';

/** MCP tool annotations (MCP 2025-03-26 and later): hints for the client, never trusted by the platform itself. */
export const toolAnnotationsSchema = z.strictObject({
  title: z.string().optional(),
  readOnlyHint: z.boolean().optional(),
  destructiveHint: z.boolean().optional(),
  idempotentHint: z.boolean().optional(),
  openWorldHint: z.boolean().optional(),
});
export type ToolAnnotations = z.infer<typeof toolAnnotationsSchema>;

export const toolSchema = z.strictObject({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  /** JSON Schema 2020-12 with an object root. */
  inputSchema: jsonObjectSchema,
  annotations: toolAnnotationsSchema.optional(),
  planDigest: z.string(),
  deadlineMs: z.int().min(1),
  /** Every step may be sent twice without harm, so a call lost with its worker is started once more. */
  isRepeatable: z.boolean(),
});
export type Tool = z.infer<typeof toolSchema>;

/** Published snapshot of a server: all that the edge knows of it. Signed by the control plane. */
export const manifestSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('manifest'),
  serverId: z.string(),
  slug: z.string(),
  workspaceId: z.string(),
  /** Grows with each publication of this server; a reader never goes back. */
  revision: z.int().min(0),
  state: z.enum(['running', 'stopped', 'deleted']),
  isPublic: z.boolean(),
  title: z.string(),
  /** Shown to the model as `instructions`. */
  instructions: z.string().optional(),
  tools: z.array(toolSchema),
});
export type Manifest = z.infer<typeof manifestSchema>;

export const permissions = [
  'tools:call',
  'servers:read',
  'servers:write',
  'secrets:write',
  'api-keys:write',
  'workspaces:write',
  'organizations:write',
] as const;
export const permissionSchema = z.enum(permissions);
export type Permission = z.infer<typeof permissionSchema>;

/** What the edge knows of an API key. The key itself is only known to who holds it: this is its HMAC-SHA-256. */
export const apiKeyRecordSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('api-key'),
  keyId: z.string(),
  organizationId: z.string(),
  workspaceId: z.string(),
  revision: z.int().min(0),
  /** Hex of HMAC-SHA-256(pepper, whole key). */
  hash: z.string(),
  state: z.enum(['active', 'revoked']),
  /** Unix milliseconds; absent = never. */
  expiresAt: z.int().optional(),
  permissions: z.array(permissionSchema),
});
export type ApiKeyRecord = z.infer<typeof apiKeyRecordSchema>;
