import type { InPool, SentCall } from '@toolplane/bus';
import { poolNameSchema } from '@toolplane/contracts';
import { z } from 'zod';

/** The data that is recorded about a call before it is made, so that any edge can find its outcome. */
export const sentCallSchema = z.strictObject({
  callId: z.string(),
  tenant: z.string(),
  replyTo: z.string(),
  deadline: z.int(),
  epoch: z.string(),
  pool: poolNameSchema.optional(),
}) satisfies z.ZodType<SentCall & InPool>;
