import { z } from 'zod';
import { planConnectionSchema } from './connection.ts';
import { inputRequestSchema } from './input-request.ts';
import { jsonObjectSchema } from './json.ts';
import { planExternalSchema } from './plan-external.ts';
import { planRequestSchema } from './plan-request.ts';
import { conditionSchema, templateSchema, urlTemplateSchema } from './template.ts';

/**
 * The compiled steps of one tool. A plan is immutable and addressed by the SHA-256 of its canonical JSON. The compiler
 * makes it at publish time, from any kind of source; the only executor, in the data plane, runs it.
 */

export const planLimits = {
  /**
   * The number of steps run, not of steps written, because a goto may jump back. Includes steps of workflows that are
   * called.
   */
  stepsRunMax: 100,
  /**
   * The number of requests that a run may send, including redirects and further pages. A tool that may run more steps
   * may send twice as many requests as steps: each step may be redirected once, or be sent again with the previous
   * value of a secret.
   */
  requestsMax: 50,
  /** The maximum depth of workflows that call each other. */
  workflowDepthMax: 16,
  deadlineMsDefault: 60_000,
  deadlineMsMax: 300_000,
  responseBytesMax: 5 * 1024 * 1024,
  outputBytesMax: 80 * 1024,
  /** The maximum to which a document or a setting may raise it. */
  outputBytesCeiling: 1024 * 1024,
  redirectsMax: 5,
} as const;

/** An index into the plan's `workflows`, and the values of the inputs. An absent value is not passed. */
const workflowCallSchema = z.strictObject({
  workflowIndex: z.int().min(0),
  inputs: z.array(z.tuple([z.string(), templateSchema])),
});

/** Actions are tried in order, and the first that matches is taken. An action without `when` always matches. */
export const planActionSchema = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('next'), when: conditionSchema.optional() }),
  z.strictObject({ do: z.literal('end'), when: conditionSchema.optional() }),
  /** The workflow ends as failed. Only allowed after a step that failed. */
  z.strictObject({ do: z.literal('fail'), when: conditionSchema.optional() }),
  z.strictObject({
    do: z.literal('retry'),
    when: conditionSchema.optional(),
    waitMs: z.int().min(0),
    /** The number of further tries after the first. */
    retriesMax: z.int().min(0),
    /** The wait that the upstream requests in `Retry-After` is used instead, up to this many milliseconds. */
    retryAfterMsMax: z.int().min(0).optional(),
    /** Runs after the wait and before the next try, without its own actions. Its failure has no effect. */
    first: z.union([z.strictObject({ stepIndex: z.int().min(0) }), workflowCallSchema]).optional(),
  }),
  z.strictObject({
    do: z.literal('goto'),
    when: conditionSchema.optional(),
    /** An index into the steps of the workflow. */
    stepIndex: z.int().min(0),
  }),
  /** There is no return: the result of that workflow becomes the result of this one. */
  z.strictObject({ do: z.literal('transfer'), when: conditionSchema.optional(), to: workflowCallSchema }),
]);

/**
 * A token that the data plane obtains for itself (RFC 6749, 4.4). The secret has the text `client_id:client_secret`.
 */
const planTokenSchema = z.strictObject({
  /** The name in templates, as a secret: `$secrets.<name>`. */
  name: z.string(),
  secret: z.string(),
  tokenUrl: z.string(),
  scopes: z.array(z.string()),
});

/**
 * Fetches page after page. The step's answer is then `{items, has_more, next}`: the items of all pages, and the value
 * that the parameter would have for the next page, if there is one.
 */
const planPaginationSchema = z.strictObject({
  /** `link`: the next page is the one in the header of RFC 8288, on the same origin only. */
  type: z.enum(['page', 'offset', 'cursor', 'link']),
  /** The query parameter that selects the page: a number from 1, an offset from 0, or a cursor. */
  parameter: z.string().optional(),
  /** The query parameter with the size of a page. A shorter page is the last one. */
  limitParameter: z.string().optional(),
  /** The list of items, evaluated in the scope of one answer. */
  items: templateSchema,
  /** Only for type `cursor`. The value is absent, null or empty after the last page. */
  nextCursor: templateSchema.optional(),
  pagesMax: z.int().min(1).max(10),
});

/** A step has either a request or a workflow that it calls. */
export const planStepSchema = z.strictObject({
  id: z.string(),
  request: planRequestSchema.optional(),
  call: workflowCallSchema.optional(),
  /** The names of the secrets that the request uses. They are fetched before anything of the step is built. */
  secrets: z.array(z.string()),
  tokens: z.array(planTokenSchema).optional(),
  pagination: planPaginationSchema.optional(),
  /** The limit of one answer, lower than the limit of the deployment. */
  responseBytesMax: z.int().min(1).optional(),
  timeoutMs: z.int().min(1).optional(),
  outputs: z.array(z.tuple([z.string(), templateSchema])),
  /**
   * If empty, the run always continues with the next step. If the step can fail, these are the actions for its success.
   */
  actions: z.array(planActionSchema),
  /** Absent: every answer is a success, and a step that gets no answer ends the call. */
  failure: z
    .strictObject({
      /** Evaluated for an answer: whether it is a success. */
      succeeds: conditionSchema,
      /** Also used if there is no answer. If no action matches, the workflow ends as failed. */
      actions: z.array(planActionSchema),
      /** What an unsuccessful answer itself says, for the caller. An error contains no other part of a body. */
      explanation: templateSchema.optional(),
    })
    .optional(),
  /** The indexes of the steps without which this one fails. */
  dependsOn: z.array(z.int().min(0)).optional(),
  /** The step runs at the same time as the step before it. Only for steps whose actions are empty. */
  isParallel: z.literal(true).optional(),
});

/** A workflow that steps of a plan call or transfer to. */
export const planWorkflowSchema = z.strictObject({
  /** The id of the workflow, for messages. */
  id: z.string(),
  inputSchema: jsonObjectSchema.optional(),
  /** The workflows that run first, each once in a call. */
  dependsOn: z.array(workflowCallSchema).optional(),
  steps: z.array(planStepSchema),
  outputs: z.array(z.tuple([z.string(), templateSchema])),
});

/** One question for the client before the first step. The request's params are a template over the scope. */
export const planQuestionSchema = z.strictObject({
  /** The name of the answer in the scope: `$answers.<key>`. */
  key: z.string(),
  method: inputRequestSchema.shape.method,
  params: templateSchema,
  /** Added to the params as `url`, for a page to be opened. Values are encoded as in the URL of a request. */
  url: urlTemplateSchema.optional(),
  /** If true, a client that cannot be asked is not asked, and the answer is null. */
  isOptional: z.boolean(),
});

export const planSchema = z.strictObject({
  version: z.literal(1),
  workspaceId: z.string(),
  serverId: z.string(),
  /** The name of the tool; for other entries, `prompt:<name>` and `resource:<uri or template>`. */
  tool: z.string(),
  /**
   * The hosts to which an expression in the host part of a URL may evaluate (`host`, `host:port`, `*.host`). If empty,
   * none.
   */
  allowedHosts: z.array(z.string()),
  deadlineMs: z.int().min(1).max(planLimits.deadlineMsMax),
  outputBytesMax: z.int().min(1),
  /** Rounds of questions that are asked before the first step. The questions of a round are asked together. */
  questions: z.array(z.array(planQuestionSchema).min(1)).optional(),
  /** Set for a connector: the requests carry the credentials of an instance. */
  connection: planConnectionSchema.optional(),
  /** An external plan has no steps. */
  external: planExternalSchema.optional(),
  /**
   * The plan sends no requests. It reports whether calls of this caller have credentials (`ConnectionReport`), and with
   * the argument `link: true` it returns a link token.
   */
  reports: z.literal('connection').optional(),
  /** Empty if the tool needs no upstream. */
  steps: z.array(planStepSchema),
  /** The workflows that run before the first step, each once in a call. */
  dependsOn: z.array(workflowCallSchema).optional(),
  workflows: z.array(planWorkflowSchema).optional(),
  /** Replaces `planLimits.stepsRunMax`. */
  stepsRunMax: z.int().min(1).optional(),
  /**
   * Where the formats differ: an output that refers to nothing is left out instead of being null, an empty answer has
   * no body, and a body with a wrong content type is read as what it looks like. Absent: Flower.
   */
  semantics: z.literal('arazzo').optional(),
  /** Only these values, and `content`, ever leave the data plane. */
  outputs: z.array(z.tuple([z.string(), templateSchema])),
  /** A list of MCP content blocks, prompt messages or resource contents. These leave the data plane as well. */
  content: templateSchema.optional(),
  /**
   * If the outputs exceed the budget, the list with this name is cut to what fits. It can be continued at `cursor` (an
   * index as text).
   */
  pagedOutput: z.string().optional(),
  /** The inputs that can make the answer smaller. They are named if the answer is too large. */
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
