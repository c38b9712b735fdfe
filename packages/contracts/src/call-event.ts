import { z } from 'zod';
import { jsonObjectSchema } from './json.ts';

/** Severities of RFC 5424 as MCP names them, the least severe first. */
export const logLevels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
export const logLevelSchema = z.enum(logLevels);
export type LogLevel = z.infer<typeof logLevelSchema>;

/** What the data plane tells of a call while it runs. Carries nothing of what was sent or received. */
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
]);
export type CallEvent = z.infer<typeof callEventSchema>;
