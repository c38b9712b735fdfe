/*
 * What a data plane reports about a run during a debug session: one event for each thing that has ended, in that order.
 * Secrets are masked before an event is made. The names follow the REST API, because events are shown unchanged.
 */
import { z } from 'zod';
import { callOutcomeSchema } from './call-outcome.ts';
import { debugCallerKindSchema } from './caller-kind.ts';
import { errorCodeSchema } from './error-codes.ts';
import { jsonSchema } from './json.ts';

/**
 * A value as it is shown: as JSON if it is JSON and complete, otherwise as text. Binary and far too large values are
 * not shown.
 */
export const debugValueSchema = z.strictObject({
  value: jsonSchema.optional(),
  /** The size of the whole value, before anything was masked or cut. */
  bytes: z.int().min(0),
  /** The value is not complete. */
  is_cut: z.literal(true).optional(),
  is_binary: z.literal(true).optional(),
});
export type DebugValue = z.infer<typeof debugValueSchema>;

/** Only the headers of an allow-list, in lower case. */
export const debugRequestSchema = z.strictObject({
  method: z.string(),
  url: z.string(),
  /** A name that occurs more than once has a list. */
  query: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  headers: z.record(z.string(), z.string()),
  body: debugValueSchema.optional(),
});
export type DebugRequest = z.infer<typeof debugRequestSchema>;

export const debugResponseSchema = z.strictObject({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: debugValueSchema.optional(),
});
export type DebugResponse = z.infer<typeof debugResponseSchema>;

export const debugErrorSchema = z.strictObject({
  code: errorCodeSchema,
  message: z.string(),
});
export type DebugError = z.infer<typeof debugErrorSchema>;

/** `error`: the criterion could not be evaluated, which counts as false. Its location is the one in the document. */
export const debugCriterionSchema = z.strictObject({
  kind: z.enum(['simple', 'regex', 'query', 'condition']),
  holds: z.union([z.boolean(), z.literal('error')]),
});
export type DebugCriterion = z.infer<typeof debugCriterionSchema>;

/** One of the actions of a step. Without criteria it always matches. */
const debugActionSchema = z.strictObject({
  type: z.enum(['next', 'end', 'fail', 'goto', 'retry', 'transfer']),
  matches: z.boolean(),
  /** The retry is skipped: no tries are left, or the request was a POST or PATCH that may already have taken effect. */
  is_spent: z.literal(true).optional(),
  criteria: z.array(debugCriterionSchema),
});
export type DebugAction = z.infer<typeof debugActionSchema>;

/**
 * Why a step led where it did. For this purpose every criterion was evaluated, including those that were not needed.
 */
export const debugDecisionSchema = z.strictObject({
  /** Absent if the step has no rules for what a success is. */
  success_criteria: z.array(debugCriterionSchema).optional(),
  has_succeeded: z.boolean(),
  /** The actions that were considered: those for a success, or those for a failure. */
  actions: z.array(debugActionSchema),
  /**
   * The index of the action that was taken. Absent if none was, so that the run continued with the next step or failed.
   */
  chosen: z.int().min(0).optional(),
});
export type DebugDecision = z.infer<typeof debugDecisionSchema>;

/**
 * Fields of all events of a call. `seq` counts its events from 0, without a gap unless some are lost. `at` is in Unix
 * milliseconds.
 */
const ofCall = { call_id: z.string(), seq: z.int().min(0), at: z.int().min(0) };
/** `path` names the steps that led to the workflow, each followed by a `/`. */
const ofStep = { ...ofCall, path: z.string(), step_id: z.string(), attempt: z.int().min(1) };
const durationMs = z.number().min(0);

export const debugEventSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('call'),
    ...ofCall,
    server_id: z.string(),
    tool: z.string(),
    plan_digest: z.string(),
    caller: debugCallerKindSchema,
    inputs: debugValueSchema,
  }),
  /** A request of a step and its answer. `index` counts the requests within the try. */
  z.strictObject({
    kind: z.literal('exchange'),
    ...ofStep,
    index: z.int().min(0),
    duration_ms: durationMs,
    request: debugRequestSchema,
    response: debugResponseSchema.optional(),
    error: debugErrorSchema.optional(),
  }),
  /** One try of a step. */
  z.strictObject({
    kind: z.literal('step'),
    ...ofStep,
    duration_ms: durationMs,
    outputs: debugValueSchema.optional(),
    error: debugErrorSchema.optional(),
    decision: debugDecisionSchema.optional(),
    /** What is done next. `to` names a step or a workflow. */
    action: z
      .strictObject({
        type: debugActionSchema.shape.type,
        wait_ms: durationMs.optional(),
        to: z.string().optional(),
      })
      .optional(),
  }),
  /** A workflow that a step called. `path` is that of its own steps. */
  z.strictObject({
    kind: z.literal('flow'),
    ...ofCall,
    path: z.string(),
    flow_id: z.string(),
    duration_ms: durationMs,
    inputs: debugValueSchema.optional(),
    outputs: debugValueSchema.optional(),
    error: debugErrorSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal('end'),
    ...ofCall,
    duration_ms: durationMs,
    outcome: callOutcomeSchema,
    outputs: debugValueSchema.optional(),
    error: debugErrorSchema.optional(),
    /** The number of events of the call that were left out because there were too many. */
    events_left_out: z.int().min(1).optional(),
    /** What the debugger should know about this run. */
    notes: z.array(z.string()).optional(),
  }),
  /** Events of the session that are lost. `events` is absent if their number is unknown. */
  z.strictObject({ kind: z.literal('lost'), at: z.int().min(0), events: z.int().min(1).optional() }),
]);
export type DebugEvent = z.infer<typeof debugEventSchema>;
/** An event of one call. */
export type DebugCallEvent = Exclude<DebugEvent, { kind: 'lost' }>;
