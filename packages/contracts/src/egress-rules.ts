import { z } from 'zod';

/** `host`, `host:port` or `*.host` (every name below it), in lower case. */
const hostPatternSchema = z.string().max(260);

/**
 * Where the calls of a workspace may go, within what the data plane allows. It is published, signed, for every
 * workspace. Calls of a workspace without this document are refused, so nobody can lift the rules by deleting it.
 */
export const egressRulesSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('egress'),
  workspaceId: z.string(),
  /** Grows with each change. */
  revision: z.int().min(1),
  /** Only these hosts are allowed. Absent: all are. */
  allowHosts: z.array(hostPatternSchema).max(1000).optional(),
  /** These hosts are never allowed; takes precedence over `allowHosts`. */
  denyHosts: z.array(hostPatternSchema).max(1000),
});
export type EgressRules = z.infer<typeof egressRulesSchema>;
