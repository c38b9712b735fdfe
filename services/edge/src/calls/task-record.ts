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

/** The state of a task. What a call has ended with in the meantime is not in here until the task is read. */
const stageSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('running'), call: sentCallSchema }),
  z.strictObject({
    kind: z.literal('asking'),
    inputRequests: z.record(z.string(), inputRequestSchema),
    /** Once all answers are there, the next call is made by whichever edge comes first. */
    answers: z.record(z.string(), jsonObjectSchema),
    /** The state of the data plane. */
    state: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('ended'), outcome: finalOutcomeSchema }),
]);
export type TaskStage = z.infer<typeof stageSchema>;

/**
 * Everything that any edge needs to continue a task when the edge that began it is gone. Times are Unix milliseconds.
 */
export const taskRecordSchema = z.strictObject({
  version: z.literal(1),
  serverId: z.string(),
  principalId: z.string(),
  /** The plan of the deployment that it began with: the plan that asked a person is the one that runs. */
  target: z.strictObject({
    /** The server that the tool was taken from; absent: the server of the record. */
    serverId: z.string().optional(),
    name: z.string(),
    planDigest: z.string(),
    deadlineMs: z.int(),
    asks: z.boolean(),
    /** As when it began: the plan that asked continues where it asked. */
    pool: poolNameSchema.optional(),
  }),
  /** Validated and with defaults applied. */
  arguments: jsonObjectSchema,
  config: z.record(z.string(), z.string()),
  /** These three apply where the tool uses a connection. */
  username: z.string().optional(),
  onlyOwn: z.literal(true).optional(),
  agentId: z.string().optional(),
  /** It began with `X-Upstream-Authorization` or the caller's token, which no record stores. */
  hadUpstreamAuthorization: z.literal(true).optional(),
  /** The approvals that policy rules required and that need not be asked for again. */
  approved: z.array(z.string()).optional(),
  protocolVersion: z.string(),
  abilities: z.array(abilitySchema),
  createdAt: z.int(),
  lastUpdatedAt: z.int(),
  expiresAt: z.int(),
  /** The client has cancelled it: it is not asked anything any more. */
  isCancelled: z.boolean(),
  rounds: z.int(),
  stage: stageSchema,
});
export type TaskRecord = z.infer<typeof taskRecordSchema>;

/** The requests of a round that are not answered yet. */
export function openRequests({ inputRequests, answers }: Extract<TaskStage, { kind: 'asking' }>) {
  return Object.fromEntries(Object.entries(inputRequests).filter(([key]) => !Object.hasOwn(answers, key)));
}

/** For the calls after the first, which continue for whoever began the task. */
export function callerOf({ config, username, onlyOwn, agentId }: TaskRecord): ToolCall['caller'] {
  return {
    config,
    ...(username === undefined ? {} : { username }),
    ...(onlyOwn === undefined ? {} : { onlyOwn }),
    ...(agentId === undefined ? {} : { agentId }),
  };
}
