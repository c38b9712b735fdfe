import { z } from 'zod';
import { callAnswerSchema, questionLimits } from './call-event.ts';

/*
 * A call whose client cannot be asked while it runs is held: it waits in its worker while its questions lie with the
 * client, whose answers may come to another edge than the questions went out from.
 */

/** What the worker of a call gets in addition to answers. */
export const callOrderSchema = z.discriminatedUnion('kind', [
  /** Its questions are with its client: the edge that sent them need not exist any longer. */
  z.strictObject({ kind: z.literal('hold') }),
  z.strictObject({
    kind: z.literal('go_on'),
    /** The caller that hears of the call from now on. */
    hearer: z.string(),
    /** By the ids of questions; those that stay open are sent again. */
    answers: z.array(z.tuple([z.int().min(1), callAnswerSchema])).max(questionLimits.perCall),
  }),
]);
export type CallOrder = z.infer<typeof callOrderSchema>;

/** What the worker says to an order. One that is refused has changed nothing. */
export const orderAnswerSchema = z.strictObject({
  kind: z.literal('order'),
  /** Of the order. */
  round: z.int().min(1),
  /** Why it is refused; for an answer that does not fit its question, with what is wrong about it. */
  refusal: z.strictObject({ code: z.enum(['tenant_busy', 'invalid_input_response']), message: z.string() }).optional(),
});
export type OrderAnswer = z.infer<typeof orderAnswerSchema>;
