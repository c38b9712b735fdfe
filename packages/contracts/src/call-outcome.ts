import { z } from 'zod';

/**
 * How a request for a call ended. The first three end the call. `input_required` means that the call asks for input:
 * the same call has to be made again with the answers.
 */
export const callOutcomeSchema = z.enum(['done', 'not_started', 'unknown', 'input_required']);
export type CallOutcome = z.infer<typeof callOutcomeSchema>;
