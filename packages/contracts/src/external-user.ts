import { z } from 'zod';

/** Replaces a user's name in published data, so that people cannot be listed by reading Redis. */
const userDigestSchema = z.string().length(32);

/**
 * Who may be named in `x-username` in a workspace. It is published, signed, for every workspace. If it is missing, no
 * user can be named, so nobody can readmit a deactivated user by deleting it.
 */
export const userRulesSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('users'),
  workspaceId: z.string(),
  /** Grows with each change. */
  revision: z.int().min(1),
  /**
   * `create`: a user is created when they are named for the first time. `refuse`: only users who have their own record
   * are accepted.
   */
  unknownUsers: z.enum(['create', 'refuse']),
  /** With `create`, all deactivated users. With `refuse`, the records of users say so. */
  deactivated: z.array(userDigestSchema),
});
export type UserRules = z.infer<typeof userRulesSchema>;

/** Published, signed, for each user of a workspace that refuses unknown users. */
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
