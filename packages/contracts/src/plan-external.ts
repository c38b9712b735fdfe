import { z } from 'zod';
import { credentialRefSchema } from './connection.ts';
import { type Ability, abilities } from './input-request.ts';
import { jsonObjectSchema } from './json.ts';
import { templateSchema } from './template.ts';

/** `http`: Streamable HTTP. `sse`: HTTP+SSE of MCP 2024-11-05. */
export const externalTransports = ['http', 'sse'] as const;
/** `modern`: MCP 2026-07-28, without sessions. `legacy`: versions whose connections begin with `initialize`. */
export const externalEras = ['modern', 'legacy'] as const;

/** Names and values, in order. A value refers to secrets as `$secrets.<name>`. */
export const externalHeadersSchema = z.array(z.tuple([z.string(), templateSchema]));

/**
 * Arguments that a modern server requires to be repeated as `Mcp-Param-<name>`: the name, and the path from the root of
 * the arguments.
 */
export const parameterHeadersSchema = z.array(z.tuple([z.string(), z.array(z.string())]));

/** What an external server may ask the client behind a call for, by the names that MCP uses. */
export const externalQuestions = ['elicitation', 'sampling', 'roots'] as const;
export type ExternalQuestion = (typeof externalQuestions)[number];

/** The most that a client can be asked for by a server with these permissions. */
export function abilitiesFor(allow: readonly ExternalQuestion[]): Ability[] {
  return abilities.filter((ability) => allow.includes(ability.split('.')[0] as ExternalQuestion));
}

/**
 * A header of requests to external servers, which may be servers of Toolplane as well: the number of Toolplane servers
 * through which the call has passed.
 */
export const HOPS_HEADER = 'x-toolplane-hops';

/** Lets the external MCP server run the plan's tool. The inputs of the call become the arguments there. */
export const planExternalSchema = z.strictObject({
  /** The name of the external server within this server, for messages. */
  serverName: z.string(),
  url: z.string(),
  /**
   * Both as `inspect_external_server` reported them, so that a call need not detect them first. Absent: they are
   * detected.
   */
  transport: z.enum(externalTransports).optional(),
  era: z.enum(externalEras).optional(),
  headers: externalHeadersSchema,
  /** What the external server may ask for. Absent: nothing. */
  allow: z.array(z.enum(externalQuestions)).optional(),
  /** The sign-in whose token is sent to the external server. Absent: no token is sent. */
  signIn: credentialRefSchema.optional(),
  /** The names of the secrets in `headers`. */
  secrets: z.array(z.string()),
  /** What is requested from the external server, under the name that it has there. */
  target: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('tool'),
      name: z.string(),
      parameterHeaders: parameterHeadersSchema.optional(),
      /** The external server's declared schema of `structuredContent`. */
      outputSchema: jsonObjectSchema.optional(),
    }),
    z.strictObject({ kind: z.literal('prompt'), name: z.string() }),
    /** `uri` is absent if it is the input `uri`. */
    z.strictObject({ kind: z.literal('resource'), uri: z.string().optional() }),
    /**
     * The inputs are `argument` and `context` of `completion/complete`; the value is the `completion` of its result.
     */
    z.strictObject({
      kind: z.literal('completion'),
      ref: z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('ref/prompt'), name: z.string() }),
        z.strictObject({ type: z.literal('ref/resource'), uri: z.string() }),
      ]),
    }),
  ]),
});
export type PlanExternal = z.infer<typeof planExternalSchema>;
