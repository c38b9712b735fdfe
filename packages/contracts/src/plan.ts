import { z } from 'zod';
import { inputRequestSchema } from './input-request.ts';
import { conditionSchema, templateSchema, urlTemplateSchema } from './template.ts';

/**
 * The compiled steps of one tool. Immutable and addressed by the SHA-256 of its canonical JSON; made by the compiler at
 * publish time from any source, run by the one executor of the data plane.
 */

export const planLimits = {
  /** Steps run, not steps written: a goto may jump back. */
  stepsRunMax: 100,
  deadlineMsDefault: 60_000,
  deadlineMsMax: 300_000,
  responseBytesMax: 5 * 1024 * 1024,
  outputBytesMax: 80 * 1024,
  redirectsMax: 5,
} as const;

export const httpMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'] as const;
export type HttpMethod = (typeof httpMethods)[number];

/** Matching is in order, and the first that matches is taken; one without `when` always matches. */
export const planActionSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('next'), when: conditionSchema.optional() }),
  z.strictObject({ do: z.literal('end'), when: conditionSchema.optional() }),
  z.strictObject({
    do: z.literal('retry'),
    when: conditionSchema.optional(),
    waitMs: z.int().min(0),
    /** Further tries after the first. */
    retriesMax: z.int().min(0),
  }),
  z.strictObject({
    do: z.literal('goto'),
    when: conditionSchema.optional(),
    /** Index into the plan's steps. */
    stepIndex: z.int().min(0),
  }),
]);

export const planRequestSchema = z.strictObject({
  method: z.enum(httpMethods),
  url: urlTemplateSchema,
  headers: z.array(z.tuple([z.string(), templateSchema])),
  query: z.array(z.tuple([z.string(), templateSchema])),
  body: templateSchema.optional(),
});

export const planStepSchema = z.strictObject({
  id: z.string(),
  request: planRequestSchema,
  /** Names of the secrets that the request uses: fetched before anything of the step is built. */
  secrets: z.array(z.string()),
  timeoutMs: z.int().min(1).optional(),
  outputs: z.array(z.tuple([z.string(), templateSchema])),
  /** Empty means: always go on with the next step. */
  actions: z.array(planActionSchema),
});

/** One thing to ask the client for before the first step: the request's params are a template over the scope. */
export const planQuestionSchema = z.strictObject({
  /** Name of the answer in the scope: `$answers.<key>`. */
  key: z.string(),
  method: inputRequestSchema.shape.method,
  params: templateSchema,
  /** Added to the params as `url`: in a page to be opened, values are encoded as in the URL of a request. */
  url: urlTemplateSchema.optional(),
  /** A client that cannot be asked is not asked; the answer is then null. */
  isOptional: z.boolean(),
});

export const planSchema = z.strictObject({
  version: z.literal(1),
  workspaceId: z.string(),
  serverId: z.string(),
  /** Name of the tool; `prompt:<name>` and `resource:<uri or template>` for the others. */
  tool: z.string(),
  /** Hosts that an expression in the host part of a URL may give (`host`, `host:port`, `*.host`); empty refuses all. */
  allowedHosts: z.array(z.string()),
  deadlineMs: z.int().min(1).max(planLimits.deadlineMsMax),
  outputBytesMax: z.int().min(1),
  /** Rounds of questions, asked before the first step; those of a round together. */
  questions: z.array(z.array(planQuestionSchema).min(1)).optional(),
  /** None for what needs no upstream. */
  steps: z.array(planStepSchema),
  /** Only these values ever leave the data plane. */
  outputs: z.array(z.tuple([z.string(), templateSchema])),
  /** Gives a list of MCP content blocks, prompt messages or resource contents, which leave the data plane as well. */
  content: templateSchema.optional(),
  /** Outputs over the budget: the list of this name is cut to what fits, to go on at `cursor` (an index as text). */
  pagedOutput: z.string().optional(),
  /** Inputs that can make the answer smaller: named when it is too large. */
  narrowingInputs: z.array(z.string()).optional(),
  /** Shown in the call log. */
  analytics: z.array(z.tuple([z.string(), templateSchema])),
});

export type Plan = z.infer<typeof planSchema>;
export type PlanQuestion = z.infer<typeof planQuestionSchema>;
export type PlanStep = z.infer<typeof planStepSchema>;
export type PlanAction = z.infer<typeof planActionSchema>;
export type PlanRequest = z.infer<typeof planRequestSchema>;
