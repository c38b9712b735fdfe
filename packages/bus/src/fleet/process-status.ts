import { poolNameSchema } from '@toolplane/contracts';
import { z } from 'zod';
import { queueDepthSchema } from '../calls/queue-depth.ts';

/** What a process reports about itself to operators. It contains nothing of a tenant, a payload or a secret. */
export const processStatusSchema = z.strictObject({
  service: z.enum(['edge', 'data-plane', 'control-plane']),
  id: z.string().max(100),
  host: z.string().max(255),
  /** Absent for the default pool and for services without pools. */
  pool: poolNameSchema.optional(),
  version: z.string().max(100),
  revision: z.string().max(100).optional(),
  /** Unix milliseconds. */
  startedAt: z.int(),
  /** Why the process should get no work. Empty if it is ready. */
  reasons: z.array(z.string().max(500)).max(20),
  /** The epoch of the Redis that the process is connected to. Absent if it is not connected. */
  epoch: z.string().max(200).optional(),
  /** The number of calls and commands that it is running. */
  running: z.int().min(0).optional(),
  /** Only for data planes: whether the secret store answered when it was last asked. */
  secretStore: z.enum(['ok', 'failing']).optional(),
  queues: z.array(queueDepthSchema).max(200).optional(),
});
export type ProcessStatus = z.infer<typeof processStatusSchema>;
