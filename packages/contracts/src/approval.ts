import { z } from 'zod';
import { callerKindSchema } from './caller-kind.ts';

/** HMAC-SHA-256 in base64url, over everything that identifies a call: only edges have its key. */
const requestDigestSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** What somebody decided about a call that, by a rule of a policy, needs approval. Published, signed, until it ends. */
export const approvalSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('approval'),
  workspaceId: z.string(),
  requestDigest: requestDigestSchema,
  /** Of the decision. Who asks for the same call again gets another one. */
  approvalId: z.string(),
  /** Grows with each decision about the same call. */
  revision: z.int().min(1),
  state: z.enum(['approved', 'denied']),
  /** Unix milliseconds. An approved call may be made once, and until then; a denied one is not asked for until then. */
  validUntil: z.int(),
});
export type Approval = z.infer<typeof approvalSchema>;

/** A call that was refused because nobody has approved it yet. Its arguments are not disclosed to anybody. */
export const approvalWishSchema = z.strictObject({
  /** Unix milliseconds. */
  at: z.int().min(0),
  workspaceId: z.string(),
  /** The server whose policy has the rule, and the tool's name there. */
  serverId: z.string(),
  tool: z.string().max(300),
  ruleId: z.string(),
  requestDigest: requestDigestSchema,
  caller: z.strictObject({
    kind: callerKindSchema,
    keyId: z.string().max(64).optional(),
    agentId: z.string().max(64).optional(),
    username: z.string().max(255).optional(),
    /** OAuth client of a token. */
    clientId: z.string().max(500).optional(),
  }),
  /** Sorted; of many or long ones not all. */
  argumentNames: z.array(z.string().max(100)).max(50),
  /** Of the rule: how long the call may be made once it is approved. */
  validSeconds: z.int().min(1),
  /** The call was approved and made before: that approval is used up. */
  usedApprovalId: z.string().max(64).optional(),
});
export type ApprovalWish = z.infer<typeof approvalWishSchema>;
