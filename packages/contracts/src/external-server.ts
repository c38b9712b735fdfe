import { z } from 'zod';
import { jsonObjectSchema } from './json.ts';
import { iconSchema, toolAnnotationsSchema } from './manifest.ts';
import { externalEras, externalTransports, parameterHeadersSchema } from './plan-external.ts';

/** Limits for what an external MCP server may declare. Anything beyond a limit is cut or left out, and reported. */
export const externalLimits = {
  /** The number of entries of each kind. */
  entriesMax: 1000,
  titleLengthMax: 256,
  descriptionLengthMax: 1024,
  instructionsLengthMax: 4096,
  schemaBytesMax: 64 * 1024,
  /** The nesting depth of one entry, its schemas included. */
  depthMax: 64,
  inspectMsMax: 15_000,
} as const;

/**
 * How a text was changed before it may be shown to a model: invisible characters were removed (`hidden`), or the text
 * was cut to its limit (`cut`).
 */
export const externalFlags = ['hidden', 'cut'] as const;

const shown = {
  title: z.string().optional(),
  description: z.string().optional(),
  icons: z.array(iconSchema).optional(),
  /**
   * SHA-256 of the canonical JSON of what the server declares, before anything was cleaned. A different digest means a
   * change.
   */
  digest: z.string(),
  flags: z.array(z.enum(externalFlags)).optional(),
};

const externalToolSchema = z.strictObject({
  name: z.string(),
  ...shown,
  /** It compiles, is within the limits, and refers to nothing outside itself. */
  inputSchema: jsonObjectSchema,
  outputSchema: jsonObjectSchema.optional(),
  annotations: toolAnnotationsSchema.optional(),
  parameterHeaders: parameterHeadersSchema.optional(),
});
export type ExternalTool = z.infer<typeof externalToolSchema>;

const externalPromptSchema = z.strictObject({
  name: z.string(),
  ...shown,
  arguments: z.array(
    z.strictObject({
      name: z.string(),
      title: z.string().optional(),
      description: z.string().optional(),
      required: z.boolean().optional(),
    }),
  ),
});
export type ExternalPrompt = z.infer<typeof externalPromptSchema>;

const externalResourceSchema = z.strictObject({
  uri: z.string(),
  name: z.string(),
  ...shown,
  mimeType: z.string().optional(),
});
export type ExternalResource = z.infer<typeof externalResourceSchema>;

const externalResourceTemplateSchema = z.strictObject({
  /** A template of RFC 6570, level 1. */
  uriTemplate: z.string(),
  name: z.string(),
  ...shown,
  mimeType: z.string().optional(),
  /** In the order of the template. */
  variables: z.array(z.string()),
});
export type ExternalResourceTemplate = z.infer<typeof externalResourceTemplateSchema>;

/** What an external MCP server declares, cleaned and within `externalLimits`. The text still comes from a stranger. */
export const externalServerSchema = z.strictObject({
  era: z.enum(externalEras),
  transport: z.enum(externalTransports),
  serverInfo: z.strictObject({ name: z.string(), title: z.string().optional(), version: z.string() }),
  instructions: z.string().optional(),
  /** The server answers `completion/complete`. */
  completes: z.literal(true).optional(),
  tools: z.array(externalToolSchema),
  prompts: z.array(externalPromptSchema),
  resources: z.array(externalResourceSchema),
  resourceTemplates: z.array(externalResourceTemplateSchema),
  /** Declared entries that nobody can use here. */
  leftOut: z.array(
    z.strictObject({
      kind: z.enum(['tool', 'prompt', 'resource', 'resourceTemplate']),
      /** The name as the server declares it, cleaned and cut. For the last two kinds, a URI. */
      name: z.string(),
      /** A sentence for people. */
      reason: z.string(),
    }),
  ),
});
export type ExternalServer = z.infer<typeof externalServerSchema>;

/** The result of `inspect_external_server`: the JSON of `externalServerSchema`, gzipped, in base64. */
export const inspectedServerSchema = z.strictObject({ gzipped: z.string() });
export type InspectedServer = z.infer<typeof inspectedServerSchema>;
