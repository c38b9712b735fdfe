import { z } from 'zod';
import { callOutcomeSchema } from './call-outcome.ts';
import { debugErrorSchema } from './debug-event.ts';
import { flowRunSchema } from './debug-trace.ts';
import { jsonSchema } from './json.ts';
import { planSchema } from './plan.ts';
import { recordingSchema } from './recording.ts';

/** Which try of a step, or which request of it, differs. A difference of the whole run has no step. */
const placeSchema = z.strictObject({
  step: z.string().optional(),
  attempt: z.int().optional(),
  index: z.int().optional(),
});

/**
 * `unanswered`: the run made a request for which the recording has no answer, and ended there. `unasked`: the run did
 * not make the request of this answer. The other kinds: this part differs from the recording.
 */
const differenceKinds = ['unanswered', 'unasked', 'request', 'action', 'error', 'outcome', 'outputs'] as const;

export const differenceSchema = placeSchema.extend({
  kind: z.enum(differenceKinds),
  /** A JSON Pointer into the request, action or outputs of the recording or of the run. Absent: the whole differs. */
  pointer: z.string().optional(),
  message: z.string(),
  recorded: jsonSchema.optional(),
  replayed: jsonSchema.optional(),
});
export type Difference = z.infer<typeof differenceSchema>;

/** What `replay_call` receives: the JSON of this, gzipped, in base64. */
export const replayRequestSchema = z.strictObject({ plan: planSchema, recording: recordingSchema });
export type ReplayRequest = z.infer<typeof replayRequestSchema>;

/** The result of running a recorded call again with its recorded answers. */
export const replaySchema = z.strictObject({
  matches: z.boolean(),
  /** `diverged`: the run made a request for which the recording has no answer. */
  outcome: z.enum([...callOutcomeSchema.options, 'diverged']),
  outputs: jsonSchema.optional(),
  error: debugErrorSchema.optional(),
  /** Includes the criteria of every decision. */
  trace: flowRunSchema,
  differences: z.array(differenceSchema),
  differences_left_out: z.int().min(1).optional(),
});
export type Replay = z.infer<typeof replaySchema>;

/** The result of `replay_call`: the JSON of `replaySchema`, gzipped, in base64. */
export const replayedCallSchema = z.strictObject({ gzipped: z.string() });
