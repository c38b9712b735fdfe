import { poolNameSchema } from '@toolplane/contracts';
import { z } from 'zod';
import { queueDepthSchema } from '../calls/queue-depth.ts';

/** What a process reports about itself to operators. Nothing of a tenant, a payload or a secret is in it. */
export const processStatusSchema = z.strictObject({
  service: z.enum(['edge', 'data-plane', 'control-plane']),
  id: z.string().max(100),
  host: z.string().max(255),
  /** Absent: the default pool, or a service that is of none. */
  pool: poolNameSchema.optional(),
  version: z.string().max(100),
  revision: z.string().max(100).optional(),
  /** Unix milliseconds. */
  startedAt: z.int(),
  /** Why it should get no work; none: it is ready. */
  reasons: z.array(z.string().max(500)).max(20),
  /** Of the Redis that it speaks with; absent: it speaks with none. */
  epoch: z.string().max(200).optional(),
  /** Calls and commands under way in it. */
  running: z.int().min(0).optional(),
  /** Of the data plane: whether its secret store answered when it was last asked. */
  secretStore: z.enum(['ok', 'failing']).optional(),
  queues: z.array(queueDepthSchema).max(200).optional(),
});
export type ProcessStatus = z.infer<typeof processStatusSchema>;
