import { z } from 'zod';
import { manifestDebugSchema } from './debug-grant.ts';
import { jsonObjectSchema } from './json.ts';
import { policyPatternSchema, policySchema } from './policy.ts';
import { poolNameSchema } from './pool.ts';

/** MCP tool annotations (MCP 2025-03-26 and later): hints for the client, never trusted by the platform itself. */
export const toolAnnotationsSchema = z.strictObject({
  title: z.string().optional(),
  readOnlyHint: z.boolean().optional(),
  destructiveHint: z.boolean().optional(),
  idempotentHint: z.boolean().optional(),
  openWorldHint: z.boolean().optional(),
});
export type ToolAnnotations = z.infer<typeof toolAnnotationsSchema>;

export const iconSchema = z.strictObject({
  /** `https:` or `data:`. */
  src: z.string(),
  mimeType: z.string().optional(),
  /** `48x48` or `any`. */
  sizes: z.array(z.string()).optional(),
  theme: z.enum(['light', 'dark']).optional(),
});
export type Icon = z.infer<typeof iconSchema>;

/** The fields that everything shown to clients has. */
const shown = {
  title: z.string().optional(),
  description: z.string().optional(),
  icons: z.array(iconSchema).optional(),
};

/** What is needed to run the plan behind something that a client can request. */
const runnable = {
  planDigest: z.string(),
  deadlineMs: z.int().min(1),
  /** The plan asks before its first step, so its calls state the client's abilities. */
  asks: z.literal(true).optional(),
  /** Requests of the plan carry credentials that depend on the caller, so its calls state who that is. */
  usesConnection: z.literal(true).optional(),
  /** An external server may keep data of its callers in sessions, so calls state whose session they may use. */
  usesSession: z.literal(true).optional(),
  /** A request of the plan carries the caller's token, so its calls contain a token of the server's own issuer. */
  usesToken: z.literal(true).optional(),
};

/** Absent, and then false, in manifests from before this field existed. */
const isRepeatable = z.boolean().optional();
/**
 * Only for resources: a request carries what the caller's `Config-` headers say, so other callers may get other
 * contents.
 */
const usesConfig = z.literal(true).optional();
/** Only for prompts and resources: the plan changes nothing. If absent, it may change something. */
const isReadOnly = z.boolean().optional();

export const toolSchema = z.strictObject({
  name: z.string(),
  ...shown,
  /** JSON Schema 2020-12 with an object root. */
  inputSchema: jsonObjectSchema,
  /** JSON Schema 2020-12 with an object root: the outputs by name, or the error of a failed call. */
  outputSchema: jsonObjectSchema.optional(),
  annotations: toolAnnotationsSchema.optional(),
  /**
   * The tool of an external server that nobody has approved: `annotations` are those of a tool that may destroy
   * anything.
   */
  isUnreviewed: z.literal(true).optional(),
  ...runnable,
  /** Every step may be sent twice without harm, so a call that was lost with its worker is started once more. */
  isRepeatable: z.boolean(),
  /** The tool runs as a task if the client supports tasks. `required`: only as a task. Absent: never as a task. */
  task: z.enum(['optional', 'required']).optional(),
  /**
   * When it asks: `before` the task exists, by results of the call, or `within` the task. Only with `task` and `asks`.
   */
  asksInTask: z.enum(['before', 'within']).optional(),
  /** The tool may ask in the middle of a call, and also runs if nobody can be asked. Only with `asks`. */
  runsUnasked: z.literal(true).optional(),
  /** The toolkit in the workspace's catalogue. Absent: the only one that its server has there. */
  toolkit: z.string().optional(),
  /** The tool's name in the toolkit. Absent: the same as here. */
  nameInToolkit: z.string().optional(),
  /**
   * The server from which it is taken, and its name there. Absent if it is this server's own tool. `isLent`: that
   * server belongs to another workspace, and runs the tools of an instance of the organization.
   */
  origin: z
    .strictObject({
      serverId: z.string(),
      name: z.string(),
      pool: poolNameSchema.optional(),
      isLent: z.literal(true).optional(),
    })
    .optional(),
});
export type Tool = z.infer<typeof toolSchema>;

/** An argument of a prompt or a variable of a resource template, with the values that completion offers. */
const completable = z.strictObject({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  required: z.boolean().optional(),
  values: z.array(z.string()).optional(),
});

/** The plan of an external server that completes arguments, instead of declared values. */
const completion = z.strictObject({ planDigest: z.string(), deadlineMs: z.int().min(1) }).optional();

export const promptSchema = z.strictObject({
  name: z.string(),
  ...shown,
  arguments: z.array(completable),
  completion,
  ...runnable,
  isRepeatable,
  isReadOnly,
});
export type Prompt = z.infer<typeof promptSchema>;

export const resourceSchema = z.strictObject({
  uri: z.string(),
  name: z.string(),
  ...shown,
  mimeType: z.string().optional(),
  ...runnable,
  usesConfig,
  isRepeatable,
  isReadOnly,
});
export type Resource = z.infer<typeof resourceSchema>;

export const resourceTemplateSchema = z.strictObject({
  /** RFC 6570, level 1: `{name}` matches one or more characters without `/`. */
  uriTemplate: z.string(),
  name: z.string(),
  ...shown,
  mimeType: z.string().optional(),
  variables: z.array(completable),
  completion,
  /** The plan receives the URI as the input `uri` instead of the variables. */
  takesUri: z.literal(true).optional(),
  ...runnable,
  usesConfig,
  isRepeatable,
  isReadOnly,
});
export type ResourceTemplate = z.infer<typeof resourceTemplateSchema>;

/** The name of the plan that reports a connection. No tool can have this name. */
export const CONNECTION_REPORT = 'connection:report';

/** How to connect, so that the tools of a connector can be called. */
export const manifestConnectionSchema = z.strictObject({
  /** The name of the instance that is shown to people. */
  instanceName: z.string().optional(),
  /** The digest of the plan that reports the connection. */
  planDigest: z.string(),
  deadlineMs: z.int().min(1),
  /**
   * What a person does to connect: signs in at the provider, or fills in fields. `none`: callers send their own token.
   */
  authentication: z.enum(['oauth2', 'fields', 'none']),
  /** The keys of the fields that a person has to fill in. */
  requiredFields: z.array(z.string()),
});
export type ManifestConnection = z.infer<typeof manifestConnectionSchema>;

/**
 * The names of the plans that fetch the keys of a server's own issuer, or its UserInfo about a token. No tool can have
 * these names.
 */
export const ISSUER_KEYS = 'issuer:keys';
export const ISSUER_USER = 'issuer:user';

/** The owner's authorization server, whose tokens the server accepts instead of the platform's. */
export const manifestAuthorizationSchema = z.strictObject({
  /** Identical to the `iss` of its tokens. */
  issuer: z.string(),
  /** `jwt`: verified with the issuer's keys. `opaque`: sent to its UserInfo endpoint. */
  tokens: z.enum(['jwt', 'opaque']),
  /** The required `aud` of a JWT. Absent: the URL of the server. */
  audience: z.string().optional(),
  /** The maximum age of a JWT. */
  ageSecondsMax: z.int().min(1),
  /** The digest of the plan that fetches its keys, or its UserInfo about a token. */
  planDigest: z.string(),
  deadlineMs: z.int().min(1),
  /** The issuer's names of the scopes. If one is absent, the scope is not required. */
  scopes: z.strictObject({ read: z.string().optional(), call: z.string().optional() }).optional(),
  /** The claims with the name and the groups of the user. Absent: `sub` and `groups`. */
  claims: z.strictObject({ username: z.string().optional(), groups: z.string().optional() }).optional(),
});
export type ManifestAuthorization = z.infer<typeof manifestAuthorizationSchema>;

/** The published snapshot of a server: everything that the edge knows about it. Signed by the control plane. */
export const manifestSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('manifest'),
  serverId: z.string(),
  slug: z.string(),
  /** Absent in manifests of earlier releases. */
  organizationId: z.string().optional(),
  workspaceId: z.string(),
  /** Grows with each publication of this server. A reader never goes back to an earlier revision. */
  revision: z.int().min(0),
  state: z.enum(['running', 'stopped', 'deleted']),
  isPublic: z.boolean(),
  /** Set in a catalogue: the server of another workspace, lent to this one. Its plans belong to this workspace. */
  isLent: z.literal(true).optional(),
  /** The server lists the meta tools, through which the tools that they find are called. Absent: it lists its tools. */
  mode: z.literal('smart').optional(),
  /** Only data planes of this pool run its plans. Absent: the default pool. */
  pool: poolNameSchema.optional(),
  title: z.string(),
  /** Shown to the model as `instructions`. */
  instructions: z.string().optional(),
  /**
   * Changes if the tools run with other shared credentials. Clients are then notified, although no tool looks
   * different.
   */
  toolsetVersion: z.int().min(0).optional(),
  /** A call on behalf of a user may use shared credentials if the user has none of their own. */
  sharesConnections: z.literal(true).optional(),
  tools: z.array(toolSchema),
  prompts: z.array(promptSchema).optional(),
  resources: z.array(resourceSchema).optional(),
  resourceTemplates: z.array(resourceTemplateSchema).optional(),
  /** Set for a connector whose tools need credentials. */
  connection: manifestConnectionSchema.optional(),
  /** Absent if the server accepts the tokens of the platform's own authorization server. */
  authorization: manifestAuthorizationSchema.optional(),
  /** Absent: callers who may use the server may call all of its tools. */
  policy: policySchema.optional(),
  /** The policies of the servers that selected tools come from, by the ids of these servers. They apply in addition. */
  originPolicies: z.record(z.string(), policySchema).optional(),
  /** Set while somebody debugs the server. */
  debug: manifestDebugSchema.optional(),
});
export type Manifest = z.infer<typeof manifestSchema>;

export const permissions = [
  'tools:call',
  'servers:read',
  'servers:write',
  'secrets:write',
  'connectors:write',
  'debug:write',
  'api-keys:write',
  'policies:write',
  'approvals:write',
  'agents:write',
  'audit:read',
  'members:write',
  'workspaces:write',
  'organization:write',
  'organizations:write',
] as const;
export const permissionSchema = z.enum(permissions);
export type Permission = z.infer<typeof permissionSchema>;

/** What the edge knows about an API key. Only the key's holder knows the key itself; `hash` is its HMAC-SHA-256. */
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
  /** Unix milliseconds. Absent: the key never expires. */
  expiresAt: z.int().optional(),
  permissions: z.array(permissionSchema),
  /** The key cannot act for users: requests that name one are refused. */
  mayAssertUser: z.literal(false).optional(),
  /** The agent that the key belongs to. The key is valid only while the agent is active. */
  agentId: z.string().optional(),
  /** The ids of the servers for which the key is valid. Absent: for all of its workspace. */
  servers: z.array(z.string()).optional(),
  /** Patterns of tool names, as in policies. Absent: all tools. */
  tools: z.array(policyPatternSchema).optional(),
  /** The networks, in CIDR notation, from which the key may be used. Absent: any. */
  addresses: z.array(z.string()).optional(),
});
export type ApiKeyRecord = z.infer<typeof apiKeyRecordSchema>;
