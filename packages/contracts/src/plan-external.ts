import { z } from 'zod';
import { credentialRefSchema } from './connection.ts';
import { type Ability, abilities } from './input-request.ts';
import { jsonObjectSchema } from './json.ts';
import { templateSchema } from './template.ts';

/** `http`: Streamable HTTP. `sse`: HTTP+SSE of MCP 2024-11-05. */
export const externalTransports = ['http', 'sse'] as const;
/** `modern`: MCP 2026-07-28, without sessions. `legacy`: what begins with `initialize`. */
export const externalEras = ['modern', 'legacy'] as const;

/** Names and values in order; a value refers to secrets as `$secrets.<name>`. */
export const externalHeadersSchema = z.array(z.tuple([z.string(), templateSchema]));

/**
 * Arguments that a modern server wants repeated as `Mcp-Param-<name>`: the name, and the path from the root of them.
 */
export const parameterHeadersSchema = z.array(z.tuple([z.string(), z.array(z.string())]));

/** What it may ask of the client behind a call, as MCP calls that. */
export const externalQuestions = ['elicitation', 'sampling', 'roots'] as const;
export type ExternalQuestion = (typeof externalQuestions)[number];

/** What a client can be asked for at most by a server that may ask these. */
export function abilitiesFor(allow: readonly ExternalQuestion[]): Ability[] {
  return abilities.filter((ability) => allow.includes(ability.split('.')[0] as ExternalQuestion));
}

/** On requests to external servers, which may be servers of Toolplane as well: how many of those they came through. */
export const HOPS_HEADER = 'x-toolplane-hops';

/** Has the external MCP server run the plan's tool. The inputs of the call are the arguments there. */
export const planExternalSchema = z.strictObject({
  /** Its name in this server, for messages. */
  serverName: z.string(),
  url: z.string(),
  /** Absent: detected. Both as `inspect_external_server` reported them, so that a call need not ask first. */
  transport: z.enum(externalTransports).optional(),
  era: z.enum(externalEras).optional(),
  headers: externalHeadersSchema,
  /** Absent: nothing. */
  allow: z.array(z.enum(externalQuestions)).optional(),
  /** The sign-in to it whose token is sent; absent: none. */
  signIn: credentialRefSchema.optional(),
  /** Names of the secrets in `headers`. */
  secrets: z.array(z.string()),
  /** What it is called there. */
  target: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('tool'),
      name: z.string(),
      parameterHeaders: parameterHeadersSchema.optional(),
      /** What its server promises of `structuredContent`. */
      outputSchema: jsonObjectSchema.optional(),
    }),
    z.strictObject({ kind: z.literal('prompt'), name: z.string() }),
    /** Absent: the input `uri`. */
    z.strictObject({ kind: z.literal('resource'), uri: z.string().optional() }),
    /** Inputs are `argument` and `context` of `completion/complete`; the value is its `completion`. */
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
