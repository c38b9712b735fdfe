import { z } from 'zod';
import { inputRequestSchema } from './input-request.ts';
import { jsonObjectSchema } from './json.ts';

/** The severities of RFC 5424 under their MCP names, the least severe first. */
export const logLevels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
export const logLevelSchema = z.enum(logLevels);
export type LogLevel = z.infer<typeof logLevelSchema>;

/**
 * What the data plane reports about a call while it runs. It contains nothing that was sent or received. The last kind
 * is always sent, even if the caller did not request events.
 */
export const callEventSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('progress'),
    /** Grows with each event of the call. */
    progress: z.number(),
    /** Absent if the number of steps is not known in advance. */
    total: z.number().optional(),
    message: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('log'), level: logLevelSchema, data: jsonObjectSchema }),
  /** The page to which a person was sent is finished. The id is that of the question. */
  z.strictObject({ kind: z.literal('elicitation_complete'), elicitationId: z.string() }),
]);
export type CallEvent = z.infer<typeof callEventSchema>;

/** What the data plane asks the client while a call runs, and the notice that it no longer needs an answer. */
export const callQuestionSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ask'),
    /** Unique within the call. The same id means the same question. */
    id: z.int().min(1),
    /** The worker that waits for the answer. */
    answerTo: z.string(),
    request: inputRequestSchema,
  }),
  z.strictObject({ kind: z.literal('withdraw'), id: z.int().min(1) }),
]);
export type CallQuestion = z.infer<typeof callQuestionSchema>;

/** `declined`: nobody can answer, or the person did not want to. */
export const callAnswerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('answered'), result: jsonObjectSchema }),
  z.strictObject({ kind: z.literal('declined'), message: z.string().max(500) }),
]);
export type CallAnswer = z.infer<typeof callAnswerSchema>;

/** The maximum number of questions of a call, and the maximum sizes of a question and of an answer. */
export const questionLimits = { perCall: 20, bytesMax: 64 * 1024, answerBytesMax: 1024 * 1024 } as const;
