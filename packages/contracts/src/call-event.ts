import { z } from 'zod';
import { inputRequestSchema } from './input-request.ts';
import { jsonObjectSchema } from './json.ts';

/** Severities of RFC 5424 as MCP names them, the least severe first. */
export const logLevels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
export const logLevelSchema = z.enum(logLevels);
export type LogLevel = z.infer<typeof logLevelSchema>;

/**
 * What the data plane reports of a call while it runs. Carries nothing of what was sent or received. The last kind is
 * sent whether it is wanted or not.
 */
export const callEventSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('progress'),
    /** Grows with each event of the call. */
    progress: z.number(),
    /** Absent when it cannot be known how many steps will run. */
    total: z.number().optional(),
    message: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('log'), level: logLevelSchema, data: jsonObjectSchema }),
  /** A page that a person was sent to is finished; the id is that of the question. */
  z.strictObject({ kind: z.literal('elicitation_complete'), elicitationId: z.string() }),
]);
export type CallEvent = z.infer<typeof callEventSchema>;

/** What the data plane asks the client while a call runs, and the notice that it no longer needs an answer. */
export const callQuestionSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ask'),
    /** Within the call. The same id means the same question. */
    id: z.int().min(1),
    /** The worker that waits for the answer. */
    answerTo: z.string(),
    request: inputRequestSchema,
  }),
  z.strictObject({ kind: z.literal('withdraw'), id: z.int().min(1) }),
]);
export type CallQuestion = z.infer<typeof callQuestionSchema>;

/** `declined`: there is nobody to answer, or they did not want to. */
export const callAnswerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('answered'), result: jsonObjectSchema }),
  z.strictObject({ kind: z.literal('declined'), message: z.string().max(500) }),
]);
export type CallAnswer = z.infer<typeof callAnswerSchema>;

/** A call cannot ask for more, nor say more at once. */
export const questionLimits = { perCall: 20, bytesMax: 64 * 1024, answerBytesMax: 1024 * 1024 } as const;
