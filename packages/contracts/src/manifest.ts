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

/** What all things that a client can see have in common. */
const shown = {
  title: z.string().optional(),
  description: z.string().optional(),
  icons: z.array(iconSchema).optional(),
};

/** What is needed to run the plan behind something that a client can request. */
const runnable = {
  planDigest: z.string(),
  deadlineMs: z.int().min(1),
  /** The plan asks before its first step, so its calls name the client's abilities. */
  asks: z.literal(true).optional(),
  /** Its requests carry credentials that are chosen by the caller, so its calls say who that is. */
  usesConnection: z.literal(true).optional(),
  /** An external server may keep something of its callers in sessions, so its calls say whose session they may use. */
  usesSession: z.literal(true).optional(),
  /** A request of it carries the caller's token, so its calls bring one that is of the server's own issuer. */
  usesToken: z.literal(true).optional(),
};

/** Absent in manifests from before this field existed, and then false. */
const isRepeatable = z.boolean().optional();
/**
 * Of a resource: a request of it carries what the caller's `Config-` headers say, so others may read something else.
 */
const usesConfig = z.literal(true).optional();
/** Of a prompt or resource: its plan changes nothing. Absent: that is not known, and then it may. */
const isReadOnly = z.boolean().optional();

export const toolSchema = z.strictObject({
  name: z.string(),
  ...shown,
  /** JSON Schema 2020-12 with an object root. */
  inputSchema: jsonObjectSchema,
  /** JSON Schema 2020-12 with an object root: the outputs by name, or the error of a failed call. */
  outputSchema: jsonObjectSchema.optional(),
  annotations: toolAnnotationsSchema.optional(),
  /** Of an external server, and approved by nobody: `annotations` are those of a tool that may destroy anything. */
  isUnreviewed: z.literal(true).optional(),
  ...runnable,
  /** Every step may be sent twice without harm, so a call lost with its worker is started once more. */
  isRepeatable: z.boolean(),
  /** Runs as a task where the client knows tasks; `required`: never without. Absent: never as a task. */
  task: z.enum(['optional', 'required']).optional(),
  /** Asked `before` there is a task, by results of the call, or `within` the task. Only with `task` and `asks`. */
  asksInTask: z.enum(['before', 'within']).optional(),
  /** It may ask in the middle of a call, and runs where nobody can be asked as well. Only with `asks`. */
  runsUnasked: z.literal(true).optional(),
  /** Of the workspace's catalogue. Absent: the only one that its server has there. */
  toolkit: z.string().optional(),
  /** What it is called there. Absent: as here. */
  nameInToolkit: z.string().optional(),
  /**
   * The server that it is taken from, and its name there. Absent: it is this server's own. `isLent`: that server is of
   * another workspace, and runs the tools of an instance of the organization.
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

/** Values that completion offers for an argument of a prompt or a variable of a resource template. */
const completable = z.strictObject({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  required: z.boolean().optional(),
  values: z.array(z.string()).optional(),
});

/** The plan that completes arguments instead of declared values: of an external server. */
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
  /** Its plan gets the URI as the input `uri`, instead of the variables. */
  takesUri: z.literal(true).optional(),
  ...runnable,
  usesConfig,
  isRepeatable,
  isReadOnly,
});
export type ResourceTemplate = z.infer<typeof resourceTemplateSchema>;

/** Name of the plan that reports a connection: none that a tool could have. */
export const CONNECTION_REPORT = 'connection:report';

/** How the tools of a connector are signed in, for whoever has to connect first. */
export const manifestConnectionSchema = z.strictObject({
  /** What people call the instance. */
  instanceName: z.string().optional(),
  /** Of the plan that reports it. */
  planDigest: z.string(),
  deadlineMs: z.int().min(1),
  /**
   * What a person does to connect: signs in at the provider, or fills in fields. `none`: callers send their own token.
   */
  authentication: z.enum(['oauth2', 'fields', 'none']),
  /** Keys of the fields that a person has to fill in. */
  requiredFields: z.array(z.string()),
});
export type ManifestConnection = z.infer<typeof manifestConnectionSchema>;

/**
 * Names of the plans that bring the keys of a server's own issuer, or what it says of a token: none that a tool could
 * have.
 */
export const ISSUER_KEYS = 'issuer:keys';
export const ISSUER_USER = 'issuer:user';

/** The authorization server of the owner, whose tokens the server accepts instead of the platform's. */
export const manifestAuthorizationSchema = z.strictObject({
  /** Exactly as in the `iss` of its tokens. */
  issuer: z.string(),
  /** `jwt`: verified with its keys. `opaque`: shown to its UserInfo endpoint. */
  tokens: z.enum(['jwt', 'opaque']),
  /** What the `aud` of a JWT must be. Absent: the URL of the server. */
  audience: z.string().optional(),
  /** Of a JWT. */
  ageSecondsMax: z.int().min(1),
  /** Of the plan that brings its keys, or what it says of a token. */
  planDigest: z.string(),
  deadlineMs: z.int().min(1),
  /** What it calls the scopes here. Absent: not asked for. */
  scopes: z.strictObject({ read: z.string().optional(), call: z.string().optional() }).optional(),
  /** Which claims say who the user is and of which groups. Absent: `sub` and `groups`. */
  claims: z.strictObject({ username: z.string().optional(), groups: z.string().optional() }).optional(),
});
export type ManifestAuthorization = z.infer<typeof manifestAuthorizationSchema>;

/** Published snapshot of a server: all that the edge knows of it. Signed by the control plane. */
export const manifestSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('manifest'),
  serverId: z.string(),
  slug: z.string(),
  /** Absent in manifests of earlier releases. */
  organizationId: z.string().optional(),
  workspaceId: z.string(),
  /** Grows with each publication of this server; a reader never goes back. */
  revision: z.int().min(0),
  state: z.enum(['running', 'stopped', 'deleted']),
  isPublic: z.boolean(),
  /** In a catalogue: what the server of another workspace lends to this one, whose plans these are. */
  isLent: z.literal(true).optional(),
  /** It lists the meta tools, and what they find is called through them. Absent: it lists its tools. */
  mode: z.literal('smart').optional(),
  /** Whose data planes run its plans, and no others. Absent: the default pool. */
  pool: poolNameSchema.optional(),
  title: z.string(),
  /** Shown to the model as `instructions`. */
  instructions: z.string().optional(),
  /**
   * Changes when the tools run with other shared credentials: clients are notified, although no tool looks different.
   */
  toolsetVersion: z.int().min(0).optional(),
  /** A call in the name of a user may use credentials that are shared, where the user has none of his own. */
  sharesConnections: z.literal(true).optional(),
  tools: z.array(toolSchema),
  prompts: z.array(promptSchema).optional(),
  resources: z.array(resourceSchema).optional(),
  resourceTemplates: z.array(resourceTemplateSchema).optional(),
  /** Of a connector whose tools are signed in. */
  connection: manifestConnectionSchema.optional(),
  /** Absent: it takes the tokens of the platform's own authorization server. */
  authorization: manifestAuthorizationSchema.optional(),
  /** Absent: whoever may use the server may call all of its tools. */
  policy: policySchema.optional(),
  /** Policies of the servers that selected tools come from, by their ids: they apply in addition. */
  originPolicies: z.record(z.string(), policySchema).optional(),
  /** While somebody debugs it. */
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
  /** It cannot act for users: requests that name one are refused. */
  mayAssertUser: z.literal(false).optional(),
  /** The agent that the key belongs to; the key is valid only while the agent is active. */
  agentId: z.string().optional(),
  /** Ids of the servers that it is valid for; absent: all of its workspace. */
  servers: z.array(z.string()).optional(),
  /** Patterns of the names of tools, as in policies; absent: all. */
  tools: z.array(policyPatternSchema).optional(),
  /** Networks in CIDR notation that it may be sent from; absent: any. */
  addresses: z.array(z.string()).optional(),
});
export type ApiKeyRecord = z.infer<typeof apiKeyRecordSchema>;
