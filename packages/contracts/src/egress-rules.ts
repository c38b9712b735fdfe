import { z } from 'zod';

/** `host`, `host:port` or `*.host` (every name below it), in lower case. */
const hostPatternSchema = z.string().max(260);

/**
 * Where the calls of a workspace may go, within what the data plane allows. Published, signed, for every workspace:
 * one without a document is refused, so that nobody opens a workspace by deleting it.
 */
export const egressRulesSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('egress'),
  workspaceId: z.string(),
  /** Grows with each change. */
  revision: z.int().min(1),
  /** Only these hosts; absent: all. */
  allowHosts: z.array(hostPatternSchema).max(1000).optional(),
  /** Never these; goes before `allowHosts`. */
  denyHosts: z.array(hostPatternSchema).max(1000),
});
export type EgressRules = z.infer<typeof egressRulesSchema>;
