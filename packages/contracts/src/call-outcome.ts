import { z } from 'zod';

/**
 * How a request for a call ended. The first three are ends of the call; `input_required` asks, and the same call is to
 * be made again with answers.
 */
export const callOutcomeSchema = z.enum(['done', 'not_started', 'unknown', 'input_required']);
export type CallOutcome = z.infer<typeof callOutcomeSchema>;
