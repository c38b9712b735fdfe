import {
  abilitySchema,
  type FinalOutcome,
  inputRequestSchema,
  jsonObjectSchema,
  outcomeSchema,
  poolNameSchema,
  type ToolCall,
} from '@toolplane/contracts';
import { z } from 'zod';
import { sentCallSchema } from './sent-call-record.ts';

const finalOutcomeSchema = outcomeSchema.pipe(
  z.custom<FinalOutcome>((outcome) => (outcome as FinalOutcome | { outcome: string }).outcome !== 'input_required'),
);

/** The state of a task. If a call has ended in the meantime, its outcome is added when the task is read. */
const stageSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('running'), call: sentCallSchema }),
  z.strictObject({
    kind: z.literal('asking'),
    inputRequests: z.record(z.string(), inputRequestSchema),
    /** Once all answers have arrived, the next call is made by whichever edge reads the task first. */
    answers: z.record(z.string(), jsonObjectSchema),
    /** The state that the data plane returned. */
    state: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('ended'), outcome: finalOutcomeSchema }),
]);
export type TaskStage = z.infer<typeof stageSchema>;

/** Everything that an edge needs to continue a task if the edge that began it is gone. Times are Unix milliseconds. */
export const taskRecordSchema = z.strictObject({
  version: z.literal(1),
  serverId: z.string(),
  principalId: z.string(),
  /** The plan from the deployment with which the task began: the plan that asked a person is the one that runs. */
  target: z.strictObject({
    /** The server that the tool was taken from; absent if it is the server of the record. */
    serverId: z.string().optional(),
    name: z.string(),
    planDigest: z.string(),
    deadlineMs: z.int(),
    asks: z.boolean(),
    /** The pool in which the task began, because the plan that asked continues where it asked. */
    pool: poolNameSchema.optional(),
  }),
  /** The arguments, validated and with defaults applied. */
  arguments: jsonObjectSchema,
  config: z.record(z.string(), z.string()),
  /** This field and the next two apply if the tool uses a connection. */
  username: z.string().optional(),
  onlyOwn: z.literal(true).optional(),
  agentId: z.string().optional(),
  /** The task began with `X-Upstream-Authorization` or the caller's token, which no record stores. */
  hadUpstreamAuthorization: z.literal(true).optional(),
  /** The approvals that policy rules required and that need not be requested again. */
  approved: z.array(z.string()).optional(),
  protocolVersion: z.string(),
  abilities: z.array(abilitySchema),
  createdAt: z.int(),
  lastUpdatedAt: z.int(),
  expiresAt: z.int(),
  /** The client has cancelled the task, so it receives no further questions. */
  isCancelled: z.boolean(),
  rounds: z.int(),
  stage: stageSchema,
});
export type TaskRecord = z.infer<typeof taskRecordSchema>;

/** Returns the requests of a round that are not answered yet. */
export function openRequests({ inputRequests, answers }: Extract<TaskStage, { kind: 'asking' }>) {
  return Object.fromEntries(Object.entries(inputRequests).filter(([key]) => !Object.hasOwn(answers, key)));
}

/** Returns the caller for the calls after the first, which are made on behalf of the one who began the task. */
export function callerOf({ config, username, onlyOwn, agentId }: TaskRecord): ToolCall['caller'] {
  return {
    config,
    ...(username === undefined ? {} : { username }),
    ...(onlyOwn === undefined ? {} : { onlyOwn }),
    ...(agentId === undefined ? {} : { agentId }),
  };
}
