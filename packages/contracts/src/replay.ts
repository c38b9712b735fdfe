import { z } from 'zod';
import { callOutcomeSchema } from './call-outcome.ts';
import { debugErrorSchema } from './debug-event.ts';
import { flowRunSchema } from './debug-trace.ts';
import { jsonSchema } from './json.ts';
import { planSchema } from './plan.ts';
import { recordingSchema } from './recording.ts';

/** Which try of a step, or which request of it, differs; what differs of the whole run has no step. */
const placeSchema = z.strictObject({
  step: z.string().optional(),
  attempt: z.int().optional(),
  index: z.int().optional(),
});

/**
 * `unanswered`: it asks for what the recording has no answer to, and ends there. `unasked`: nobody asked for this answer.
 * The others: it is not what was recorded.
 */
const differenceKinds = ['unanswered', 'unasked', 'request', 'action', 'error', 'outcome', 'outputs'] as const;

export const differenceSchema = placeSchema.extend({
  kind: z.enum(differenceKinds),
  /** Place in the recording's or the run's request, action or outputs, as a JSON Pointer; absent: the whole. */
  pointer: z.string().optional(),
  message: z.string(),
  recorded: jsonSchema.optional(),
  replayed: jsonSchema.optional(),
});
export type Difference = z.infer<typeof differenceSchema>;

/** What `replay_call` is asked for: JSON of this, gzipped, in base64. */
export const replayRequestSchema = z.strictObject({ plan: planSchema, recording: recordingSchema });
export type ReplayRequest = z.infer<typeof replayRequestSchema>;

/** How a recorded call went when it was run again with its recorded answers. */
export const replaySchema = z.strictObject({
  matches: z.boolean(),
  /** `diverged`: it came to a place for which the recording has no answer. */
  outcome: z.enum([...callOutcomeSchema.options, 'diverged']),
  outputs: jsonSchema.optional(),
  error: debugErrorSchema.optional(),
  /** With the criteria of every decision. */
  trace: flowRunSchema,
  differences: z.array(differenceSchema),
  differences_left_out: z.int().min(1).optional(),
});
export type Replay = z.infer<typeof replaySchema>;

/** What `replay_call` brings: JSON of `replaySchema`, gzipped, in base64. */
export const replayedCallSchema = z.strictObject({ gzipped: z.string() });
