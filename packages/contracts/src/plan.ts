import { z } from 'zod';
import { planConnectionSchema } from './connection.ts';
import { inputRequestSchema } from './input-request.ts';
import { jsonObjectSchema } from './json.ts';
import { planExternalSchema } from './plan-external.ts';
import { planRequestSchema } from './plan-request.ts';
import { conditionSchema, templateSchema, urlTemplateSchema } from './template.ts';

/**
 * The compiled steps of one tool. Immutable and addressed by the SHA-256 of its canonical JSON; made by the compiler at
 * publish time from any source, run by the one executor of the data plane.
 */

export const planLimits = {
  /** Steps run, not steps written: a goto may jump back. Steps of workflows that are called count as well. */
  stepsRunMax: 100,
  /**
   * Requests that a run may send, including redirects and further pages. A tool that may run more steps may send twice
   * as many requests as steps: each step may be redirected once, or be sent again with the previous value of a secret.
   */
  requestsMax: 50,
  /** Workflows that call each other. */
  workflowDepthMax: 16,
  deadlineMsDefault: 60_000,
  deadlineMsMax: 300_000,
  responseBytesMax: 5 * 1024 * 1024,
  outputBytesMax: 80 * 1024,
  /** What a document or a setting may raise it to. */
  outputBytesCeiling: 1024 * 1024,
  redirectsMax: 5,
} as const;

/** Index into the plan's `workflows`, with the values of its inputs; an absent value is not passed. */
const workflowCallSchema = z.strictObject({
  workflowIndex: z.int().min(0),
  inputs: z.array(z.tuple([z.string(), templateSchema])),
});

/** Actions are tried in order, and the first match is taken; one without `when` always matches. */
export const planActionSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('next'), when: conditionSchema.optional() }),
  z.strictObject({ do: z.literal('end'), when: conditionSchema.optional() }),
  /** The workflow ends and has failed: only after a step that failed. */
  z.strictObject({ do: z.literal('fail'), when: conditionSchema.optional() }),
  z.strictObject({
    do: z.literal('retry'),
    when: conditionSchema.optional(),
    waitMs: z.int().min(0),
    /** Further tries after the first. */
    retriesMax: z.int().min(0),
    /** What the upstream asks for in `Retry-After` counts instead, up to this many milliseconds. */
    retryAfterMsMax: z.int().min(0).optional(),
    /** Run after the wait and before the next try, its own actions aside; whether it fails changes nothing. */
    first: z.union([z.strictObject({ stepIndex: z.int().min(0) }), workflowCallSchema]).optional(),
  }),
  z.strictObject({
    do: z.literal('goto'),
    when: conditionSchema.optional(),
    /** Index into the steps of the workflow. */
    stepIndex: z.int().min(0),
  }),
  /** Without return: the result of that workflow is the result of this one. */
  z.strictObject({ do: z.literal('transfer'), when: conditionSchema.optional(), to: workflowCallSchema }),
]);

/** A token that the data plane gets for itself (RFC 6749, 4.4); the secret has the text `client_id:client_secret`. */
const planTokenSchema = z.strictObject({
  /** Named in templates as a secret: `$secrets.<name>`. */
  name: z.string(),
  secret: z.string(),
  tokenUrl: z.string(),
  scopes: z.array(z.string()),
});

/**
 * Asks for page after page: the step's answer is then `{items, has_more, next}`, with the items of all pages and, where
 * there is one, the value that the parameter would have for the next page.
 */
const planPaginationSchema = z.strictObject({
  /** `link`: by the header of RFC 8288, to the same origin only. */
  type: z.enum(['page', 'offset', 'cursor', 'link']),
  /** Query parameter that says which page: a number from 1, an offset from 0, or a cursor. */
  parameter: z.string().optional(),
  /** Query parameter with the size of a page: a shorter page is the last. */
  limitParameter: z.string().optional(),
  /** The list in the scope of one answer. */
  items: templateSchema,
  /** Of type `cursor`: absent, null or empty after the last page. */
  nextCursor: templateSchema.optional(),
  pagesMax: z.int().min(1).max(10),
});

/** Has either a request or a workflow that it calls. */
export const planStepSchema = z.strictObject({
  id: z.string(),
  request: planRequestSchema.optional(),
  call: workflowCallSchema.optional(),
  /** Names of the secrets that the request uses: fetched before anything of the step is built. */
  secrets: z.array(z.string()),
  tokens: z.array(planTokenSchema).optional(),
  pagination: planPaginationSchema.optional(),
  /** Of one answer, below the limit of the deployment. */
  responseBytesMax: z.int().min(1).optional(),
  timeoutMs: z.int().min(1).optional(),
  outputs: z.array(z.tuple([z.string(), templateSchema])),
  /** Empty means: always continue with the next step. Those of a step that can fail are for its success. */
  actions: z.array(planActionSchema),
  /** Absent: every answer is a success, and a step without one ends the call. */
  failure: z
    .strictObject({
      /** Of an answer. */
      succeeds: conditionSchema,
      /** Also when there is no answer. Without one that matches, the workflow ends and has failed. */
      actions: z.array(planActionSchema),
      /** Of an unsuccessful answer: what it says itself, for the caller. The only part of a body in an error. */
      explanation: templateSchema.optional(),
    })
    .optional(),
  /** Indexes of steps without which this one fails. */
  dependsOn: z.array(z.int().min(0)).optional(),
  /** Runs at the same time as the step before it. Only of steps whose actions are empty. */
  isParallel: z.literal(true).optional(),
});

/** A workflow that steps of a plan call or go to. */
export const planWorkflowSchema = z.strictObject({
  /** For messages. */
  id: z.string(),
  inputSchema: jsonObjectSchema.optional(),
  /** Run first, each once in a call. */
  dependsOn: z.array(workflowCallSchema).optional(),
  steps: z.array(planStepSchema),
  outputs: z.array(z.tuple([z.string(), templateSchema])),
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
  /** Of a connector: its requests carry the credentials of an instance. */
  connection: planConnectionSchema.optional(),
  /** Instead of steps. */
  external: planExternalSchema.optional(),
  /**
   * Sends nothing: says whether calls of this caller have credentials (`ConnectionReport`), and with the argument
   * `link: true` gives a link token.
   */
  reports: z.literal('connection').optional(),
  /** None for what needs no upstream. */
  steps: z.array(planStepSchema),
  /** Run before the first step, once in a call. */
  dependsOn: z.array(workflowCallSchema).optional(),
  workflows: z.array(planWorkflowSchema).optional(),
  /** Instead of `planLimits.stepsRunMax`. */
  stepsRunMax: z.int().min(1).optional(),
  /**
   * Where the formats differ: an output that names nothing is left out instead of null, an empty answer has no body, a
   * body is read by what it looks like when its content type is wrong. Absent: Flower.
   */
  semantics: z.literal('arazzo').optional(),
  /** Only these values ever leave the data plane. */
  outputs: z.array(z.tuple([z.string(), templateSchema])),
  /** Gives a list of MCP content blocks, prompt messages or resource contents, which leave the data plane as well. */
  content: templateSchema.optional(),
  /**
   * Outputs over the budget: the list of this name is cut to what fits, to be continued at `cursor` (an index as text).
   */
  pagedOutput: z.string().optional(),
  /** Inputs that can make the answer smaller: named when it is too large. */
  narrowingInputs: z.array(z.string()).optional(),
  /** Shown in the call log. */
  analytics: z.array(z.tuple([z.string(), templateSchema])),
});

export type Plan = z.infer<typeof planSchema>;
export type PlanQuestion = z.infer<typeof planQuestionSchema>;
export type PlanPagination = z.infer<typeof planPaginationSchema>;
export type PlanStep = z.infer<typeof planStepSchema>;
export type PlanAction = z.infer<typeof planActionSchema>;
export type PlanWorkflow = z.infer<typeof planWorkflowSchema>;
export type PlanWorkflowCall = z.infer<typeof workflowCallSchema>;
