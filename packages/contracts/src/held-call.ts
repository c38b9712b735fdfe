import { z } from 'zod';
import { callAnswerSchema, questionLimits } from './call-event.ts';

/*
 * A call whose client cannot be asked while it runs is held: it waits in its worker while its questions are with the
 * client. The client may send the answers to another edge than the one that sent the questions.
 */

/** What the worker of a call receives in addition to answers. */
export const callOrderSchema = z.discriminatedUnion('kind', [
  /** The client has the questions. The edge that sent them need not exist any longer. */
  z.strictObject({ kind: z.literal('hold') }),
  z.strictObject({
    kind: z.literal('go_on'),
    /** The caller that receives what the call reports from now on. */
    hearer: z.string(),
    /** By the ids of questions. Questions that remain open are sent again. */
    answers: z.array(z.tuple([z.int().min(1), callAnswerSchema])).max(questionLimits.perCall),
  }),
]);
export type CallOrder = z.infer<typeof callOrderSchema>;

/** The worker's answer to an order. A refused order has changed nothing. */
export const orderAnswerSchema = z.strictObject({
  kind: z.literal('order'),
  /** The round of the order. */
  round: z.int().min(1),
  /** Why the order is refused. For an answer that does not fit its question, the message says what is wrong with it. */
  refusal: z.strictObject({ code: z.enum(['tenant_busy', 'invalid_input_response']), message: z.string() }).optional(),
});
export type OrderAnswer = z.infer<typeof orderAnswerSchema>;
