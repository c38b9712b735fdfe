import type { HeldCall, TakenSlots } from '@toolplane/bus';
import { z } from 'zod';
import type { KeyedAttempt } from './keyed-records.ts';

/**
 * What any edge needs to continue a call that waits for its client's answers. The client stores it, sealed and valid
 * for one use, so two edges never both have it.
 */
export const heldSchema = z.strictObject({
  call: z.strictObject({
    callId: z.string(),
    tenant: z.string(),
    replyTo: z.string(),
    deadline: z.int(),
    epoch: z.string(),
    worker: z.string(),
    round: z.int(),
    pool: z.string().optional(),
    lease: z.strictObject({ id: z.string(), expiresAt: z.int() }).optional(),
  }) satisfies z.ZodType<HeldCall>,
  /** The concurrency slots that the call holds under policy limits. */
  places: z.strictObject({ holder: z.string(), names: z.array(z.string()) }).optional() satisfies z.ZodType<
    TakenSlots | undefined
  >,
  /** The record of its idempotency key, where its result is stored for repeated calls. */
  keyed: z
    .strictObject({ recordId: z.string(), requestDigest: z.string(), attempt: z.string() })
    .optional() satisfies z.ZodType<KeyedAttempt | undefined>,
});
export type Held = z.infer<typeof heldSchema>;
