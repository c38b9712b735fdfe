import { z } from 'zod';
import { callerKindSchema } from './caller-kind.ts';

/** HMAC-SHA-256 in base64url, over everything that identifies a call. Only edges have its key. */
const requestDigestSchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** A decision about a call that needs approval by a rule of a policy. Published and signed; removed when it expires. */
export const approvalDecisionSchema = z.strictObject({
  version: z.literal(1),
  kind: z.literal('approval'),
  workspaceId: z.string(),
  requestDigest: requestDigestSchema,
  /** The id of the decision. If somebody asks for the same call again, the next decision has another id. */
  approvalId: z.string(),
  /** Grows with each decision about the same call. */
  revision: z.int().min(1),
  state: z.enum(['approved', 'denied']),
  /**
   * Unix milliseconds. Until then, an approved call may be made once, and no new approval is requested for a denied
   * one.
   */
  validUntil: z.int(),
});
export type ApprovalDecision = z.infer<typeof approvalDecisionSchema>;

/** A call that was refused because nobody has approved it yet. Its arguments are not disclosed to anybody. */
export const approvalRequestSchema = z.strictObject({
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
    /** The OAuth client of a token. */
    clientId: z.string().max(500).optional(),
  }),
  /** Sorted. Not complete if there are many names or if names are long. */
  argumentNames: z.array(z.string().max(100)).max(50),
  /** How long the call may be made once it is approved, as the rule says. */
  validSeconds: z.int().min(1),
  /** Set if the call was approved and made before, so that this approval is used up. */
  usedApprovalId: z.string().max(64).optional(),
});
export type ApprovalRequest = z.infer<typeof approvalRequestSchema>;
