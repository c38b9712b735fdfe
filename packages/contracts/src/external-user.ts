import { z } from 'zod';

/** Replaces a user's name in published data, so that a look into Redis does not list people. */
const userDigestSchema = z.string().length(32);

/**
 * Who may be named in `x-username` in a workspace. Published, signed, for every workspace: without it no user can be
 * named, so that nobody lets a deactivated one in by deleting it.
 */
export const userRulesSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('users'),
  workspaceId: z.string(),
  /** Grows with each change. */
  revision: z.int().min(1),
  /** `create`: who is named the first time is a user from then on. `refuse`: only those who have their own record. */
  unknownUsers: z.enum(['create', 'refuse']),
  /** With `create`: all who are. With `refuse` their records say so. */
  deactivated: z.array(userDigestSchema),
});
export type UserRules = z.infer<typeof userRulesSchema>;

/** Published, signed, for each user of a workspace that refuses those it does not know. */
export const externalUserRecordSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('external-user'),
  workspaceId: z.string(),
  userDigest: userDigestSchema,
  /** Grows with each change. */
  revision: z.int().min(1),
  state: z.enum(['active', 'deactivated']),
});
export type ExternalUserRecord = z.infer<typeof externalUserRecordSchema>;
